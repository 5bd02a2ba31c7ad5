using Forge.Checkpoints;
using Forge.Client.Anchors;
using Forge.Client.Retries;
using Forge.Client.Serialization;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Client;

/// <summary>
/// One session of one tenant. Safe for concurrent use; costs little to make, holds nothing open, and is best kept for as
/// long as it is used.
/// </summary>
/// <remarks>
/// <para>
/// A change is durable when its call returns. A call that fails in a way that may pass (a silo that went away, a full
/// queue, a database that is down) is made again within the bounds of <see cref="RetryOptions"/>; every attempt at a change
/// carries the same id, so that it takes effect once. Definite errors come through at once, as they are; of a change that an
/// earlier attempt may have made, as the cause of an <see cref="OutcomeUnknownException"/>.
/// </para>
/// <para>
/// A call that has run out of attempts raises what the last one met: <see cref="BusyException"/>,
/// <see cref="SessionMovedException"/> or <see cref="UnavailableException"/> if nothing was changed, and
/// <see cref="OutcomeUnknownException"/> if the change may have taken effect. A cancelled change may have taken effect
/// too. To go on safely from there, give an id of your own and make the call again with it.
/// </para>
/// <para>
/// In a session that somebody has claimed (<see cref="ClaimAsync"/>), every change of a handle without a claim is a
/// <see cref="SessionClaimedException"/>, and every one of a handle whose claim is over a <see cref="ClaimSupersededException"/>, with
/// nothing changed.
/// </para>
/// <para>
/// The client keeps the newest anchor that it was told of the session and sends it along with operations, creates and imports. If the log does not
/// contain it, as after an older copy of the database was put back, they raise <see cref="HistoryRewrittenException"/>
/// (<see cref="ForgetAnchor"/> accepts that).
/// </para>
/// </remarks>
public sealed partial class SessionHandle
{
    private readonly IGrainFactory _grains;
    private readonly Retrier _retrier;
    private readonly IStateSerializer _serializer;
    private readonly TimeProvider _time;
    private readonly SentStates? _sentStates;
    private readonly NewestAnchors? _anchors;
    private readonly string? _branch;

    /// <param name="address">The session.</param>
    /// <param name="grains">Where its grain is reached.</param>
    /// <param name="retrier">Makes the calls.</param>
    /// <param name="serializer">Turns states into bytes and back.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sentStates">What the client keeps of what it saved; null to send all states whole.</param>
    /// <param name="anchors">What the client was told of its sessions' logs; null to keep nothing of it.</param>
    /// <param name="branch">The branch; null for main.</param>
    internal SessionHandle(
        SessionAddress address, IGrainFactory grains, Retrier retrier, IStateSerializer serializer, TimeProvider time,
        SentStates? sentStates, NewestAnchors? anchors, string? branch = null) =>
        (Address, _grains, _retrier, _serializer, _time, _sentStates, _anchors, _branch) =
        (address, grains, retrier, serializer, time, sentStates, anchors, branch);

    /// <summary>Which session this is.</summary>
    public SessionAddress Address { get; }

    /// <summary>A handle to the same session whose states go through another serializer.</summary>
    public SessionHandle WithSerializer(IStateSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        return new SessionHandle(Address, _grains, _retrier, serializer, _time, _sentStates, _anchors, _branch) { Epoch = Epoch };
    }

    /// <summary>
    /// A handle to the same session on another branch: what it creates is on that branch unless it says otherwise, and it restores, and
    /// means by the latest and the current checkpoint, those of that branch. It lists the checkpoints of that branch alone.
    /// </summary>
    /// <param name="branch">The branch, which need not be there yet; <see cref="BranchNames.Main"/> for main.</param>
    /// <exception cref="InvalidRequestException">It is not 1 to 500 printable ASCII characters.</exception>
    public SessionHandle OnBranch(string branch)
    {
        ArgumentNullException.ThrowIfNull(branch);
        _ = CheckpointReference.LatestOf(branch);
        return new SessionHandle(Address, _grains, _retrier, _serializer, _time, _sentStates, _anchors, branch) { Epoch = Epoch };
    }

    /// <summary>The branch of the handle.</summary>
    public string Branch => _branch ?? BranchNames.Main;

    /// <summary>The clock of the client.</summary>
    internal TimeProvider Time => _time;

    /// <summary>Looked up once: Orleans finds out the interface by reflection each time it is asked.</summary>
    private ISessionGrain Grain => field ??= _grains.GetGrain<ISessionGrain>(Address.ToGrainKey());

    private IDifferenceGrain Differences => field ??= _grains.GetGrain<IDifferenceGrain>(Address.ToGrainKey());

    private CallShape Reading => field ??= CallShape.Read($"session {Address}");

    private CallShape Changing => field ??= CallShape.Change(Address);

    /// <summary>Runs an operation that takes effect however often it is made: one that reads, or that has no request id.</summary>
    private async Task<T> RunAsync<T>(Operation<T> operation, CancellationToken cancellationToken)
    {
        // By each attempt anew: another call may have been told more since, and what this one is told must not take its place unlooked at.
        return Noted(await _retrier.RunAsync(
            Reading,
            (_, token) => Grain.RunAsync(NewestAnchor is { } anchor ? operation with { Anchor = anchor } : operation, token),
            cancellationToken));
    }

    /// <summary>Runs a change, each of its attempts under the same request id.</summary>
    private Task<T> RunAsync<T>(Change<T> change, ChangeOptions? options, CancellationToken cancellationToken)
    {
        var (id, isMade) = RequestIdOf(options);
        return RunAsync(change, id, isMade, cancellationToken);
    }

    /// <param name="change">The change.</param>
    /// <param name="id">Its request id.</param>
    /// <param name="isMade">True if it was made for this call; one that the caller gave may have been sent before, by another process too.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    private async Task<T> RunAsync<T>(Change<T> change, Guid id, bool isMade, CancellationToken cancellationToken) =>
        Noted(await _retrier.RunAsync(
            Changing,
            (attempt, token) => Grain.RunAsync<T>(
                change with { Request = new ChangeRequest(id, isMade && attempt == 1), Epoch = Epoch, Anchor = NewestAnchor }, token),
            cancellationToken));

    private (Guid Id, bool IsMade) RequestIdOf(ChangeOptions? options) => options?.RequestId is not { } given
        ? (Guid.CreateVersion7(_time.GetUtcNow()), true)
        : given == Guid.Empty ? throw new InvalidRequestException("requestId", "must not be the nil UUID")
        : (given, false);

    /// <summary>A reference as this handle means it: latest and current are of its branch.</summary>
    private CheckpointReference Own(CheckpointReference checkpoint) =>
        checkpoint.Branch is not null ? checkpoint
        : checkpoint.IsLatest ? CheckpointReference.LatestOf(_branch)
        : checkpoint.IsCurrent ? CheckpointReference.CurrentOf(_branch)
        : checkpoint;

    private Checkpoint<T> Read<T>(Checkpoint checkpoint)
    {
        var summary = checkpoint.Summary;
        if (!_serializer.CanRead(summary.ContentType))
        {
            throw new StateFormatException(Address, summary.Sequence, summary.ContentType, typeof(T));
        }

        try
        {
            return new Checkpoint<T>(summary, _serializer.Deserialize<T>(checkpoint.State), checkpoint.Annotations);
        }
        catch (Exception exception) when (exception is not StateFormatException)
        {
            throw new StateFormatException(Address, summary.Sequence, summary.ContentType, typeof(T), exception);
        }
    }
}
