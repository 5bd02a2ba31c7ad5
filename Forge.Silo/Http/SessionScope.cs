using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Integrity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Silo.Http;

/// <summary>
/// The session that a request is about: the one place that makes its address, and the way to its grain. A route's handler
/// takes it as a parameter.
/// </summary>
internal sealed class SessionScope
{
    private readonly HttpContext _context;
    private readonly SessionCalls _calls;

    private SessionScope(HttpContext context)
    {
        _context = context;
        Address = new SessionAddress(TenantScope.TenantOf(context), SessionId.Parse(RouteValue("session")));
        _calls = context.RequestServices.GetRequiredService<SessionCalls>();
    }

    public SessionAddress Address { get; }

    public ISessionGrain Grain => _calls.Grain(Address);

    /// <summary>The grain that compares checkpoints of the session.</summary>
    public IDifferenceGrain Differences => _calls.Differences(Address);

    public HttpContext Context => _context;

    public CancellationToken Aborted => _context.RequestAborted;

    /// <summary>The checkpoint that the path names.</summary>
    /// <exception cref="InvalidRequestException">It names none, or the query names a branch that it does not need.</exception>
    public CheckpointReference Checkpoint => Named("checkpoint", RouteValue("checkpoint")) is var named
        && (named.IsLatest || named.IsCurrent || Query().String("branch") is null)
            ? named
            : throw new InvalidRequestException("branch", "must not be given with an id or a sequence number");

    /// <summary>A checkpoint by its name, as the latest or current one of the branch that the query names.</summary>
    /// <param name="field">What names it.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="InvalidRequestException">It is none, or the query names no branch where it names one.</exception>
    public CheckpointReference Named(string field, string name)
    {
        try
        {
            return CheckpointReference.Parse(name, Query().String("branch"));
        }
        catch (InvalidRequestException exception) when (exception.Field == "checkpoint")
        {
            throw new InvalidRequestException(field, "must be an id, a sequence number, 'latest' or 'current'", exception);
        }
    }

    /// <exception cref="InvalidRequestException">The path names no session.</exception>
    public static ValueTask<SessionScope> BindAsync(HttpContext context) => ValueTask.FromResult(new SessionScope(context));

    /// <summary>The query of the request.</summary>
    public QueryReader Query() => new(_context);

    /// <summary>Reads what the route declares as its body for a <typeparamref name="T"/>, wherever it stands.</summary>
    /// <param name="target">What the body fills in.</param>
    public Task<T> ReadAsync<T>(T target) => GivenBody.ReadAsync(_context, target);

    /// <summary>The epoch of the claim that the request is made under; null for none.</summary>
    public long? Epoch => Epochs.Of(_context.Request);

    /// <summary>The anchor that the session's log is held against; null for none.</summary>
    public Anchor? Anchor => Anchors.Of(_context.Request);

    /// <summary>The request id of a change that is not a create; none without a key.</summary>
    public ChangeRequest Request => RequestIds.ChangeOf(_context.Request, Address);

    /// <summary>
    /// Runs a change, under the request id that its <c>Idempotency-Key</c> stands for, the claim of its <c>Forge-Epoch</c> and the anchor of
    /// its <c>Forge-Anchor</c>.
    /// </summary>
    public Task<T> RunAsync<T>(Change<T> change) => RunAsync(Address.Session, change with { Epoch = Epoch, Anchor = Anchor });

    /// <summary>
    /// Runs a change of another session of the tenant, under the request id that the key stands for in that one, and under no claim.
    /// </summary>
    public Task<T> RunAsync<T>(SessionId session, Change<T> change)
    {
        var address = Address with { Session = session };
        Operation<T> operation = change with { Request = RequestIds.ChangeOf(_context.Request, address) };
        return _calls.CallAsync(address, (grain, _) => grain.RunAsync(operation, Aborted));
    }

    /// <summary>Runs an operation.</summary>
    public Task<T> RunAsync<T>(Operation<T> operation)
    {
        var anchored = Anchor is { } anchor ? operation with { Anchor = anchor } : operation;
        return CallAsync((grain, _) => grain.RunAsync(anchored, Aborted));
    }

    /// <summary>
    /// Holds the session's log against the anchor of the request, before a call that can bring none itself. Nothing if there is none.
    /// </summary>
    /// <exception cref="HistoryRewrittenException">The log does not contain it.</exception>
    public Task ConfirmAsync() => Anchor is not { } anchor ? Task.CompletedTask : CallAsync(async (grain, _) =>
    {
        await grain.ConfirmAsync(anchor, Aborted);
        return true;
    });

    /// <summary>Makes a call, as <see cref="SessionCalls"/> says.</summary>
    /// <param name="call">The call; told whether it is the first attempt.</param>
    public Task<T> CallAsync<T>(Func<ISessionGrain, bool, Task<T>> call) => _calls.CallAsync(Address, call);

    private string RouteValue(string name) => (string)_context.GetRouteValue(name)!;
}
