using System.Runtime.CompilerServices;
using Forge.Client.Retries;
using Forge.Errors;
using Forge.Identity;
using Forge.Integrity;
using Forge.Tenants;

namespace Forge.Client;

/// <summary>One tenant. Immutable and safe for concurrent use.</summary>
public sealed partial class TenantHandle
{
    private readonly IForgeClient _client;
    private readonly IGrainFactory _grains;
    private readonly Retrier _retrier;
    private readonly TimeProvider _time;

    internal TenantHandle(TenantId tenant, IForgeClient client, IGrainFactory grains, Retrier retrier, TimeProvider time) =>
        (Id, _client, _grains, _retrier, _time) = (tenant, client, grains, retrier, time);

    /// <summary>Which tenant this is.</summary>
    public TenantId Id { get; }

    private string Target => $"tenant {Id}";

    /// <summary>A handle to a session of this tenant. Makes no call: the session need not exist.</summary>
    /// <exception cref="InvalidRequestException">The text is no session id.</exception>
    public SessionHandle Session(string session) => _client.Session(SessionId.Parse(session), Id);

    /// <summary>A handle to a session of this tenant. Makes no call: the session need not exist.</summary>
    public SessionHandle Session(SessionId session) => _client.Session(session, Id);

    /// <summary>The settings; the defaults if none were set.</summary>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public Task<TenantSettings> GetSettingsAsync(CancellationToken cancellationToken = default) =>
        _retrier.RunAsync(
            CallShape.Read(Target), (_, token) => Grain().GetSettingsAsync(token), cancellationToken);

    /// <summary>
    /// Replaces the settings. Made again only if the first attempt certainly changed nothing: after an unknown outcome a
    /// repeat could undo what somebody else has set meanwhile.
    /// </summary>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    /// <exception cref="UnavailableException">There was no answer; the settings may have been replaced, so read them.</exception>
    public Task<TenantSettings> SetSettingsAsync(TenantSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var shape = new CallShape { Target = Target, RetryWhen = (_, kind) => kind == FailureKind.Unchanged };
        return _retrier.RunAsync(shape, (_, token) => Grain().SetSettingsAsync(settings, token), cancellationToken);
    }

    /// <summary>
    /// Verifies all living sessions one after another, by rising name, each as it is when its turn comes, and tells of each as
    /// it is done. Goes on by itself after the last one told if the silo that did it goes away.
    /// </summary>
    /// <param name="after">Only sessions whose names come after this one; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UnavailableException">A silo went away again and again, or the database cannot be reached.</exception>
    public async IAsyncEnumerable<SessionVerification> VerifyAsync(
        SessionId? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var shape = new CallShape { Target = Target, RetryWhen = (_, _) => true, HasDeadline = false };
        IAsyncEnumerator<SessionVerification>? running = null;
        try
        {
            while (true)
            {
                var from = after;
                var (sessions, any) = await _retrier.RunAsync(shape, (_, _) => NextAsync(running, from), cancellationToken);
                if (!any)
                {
                    yield break;
                }

                (running, after) = (sessions, sessions.Current.Session);
                yield return sessions.Current;
            }
        }
        finally
        {
            await (running?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        async Task<(IAsyncEnumerator<SessionVerification> Sessions, bool Any)> NextAsync(
            IAsyncEnumerator<SessionVerification>? begun, SessionId? from)
        {
            begun ??= Grain().VerifyAsync(from, cancellationToken).WithBatchSize(1).GetAsyncEnumerator(cancellationToken);
            try
            {
                return (begun, await begun.MoveNextAsync());
            }
            catch
            {
                running = null;
                await begun.DisposeAsync();
                throw;
            }
        }
    }

    private ITenantGrain Grain() => _grains.GetGrain<ITenantGrain>(SessionAddress.ToGrainKey(Id));
}
