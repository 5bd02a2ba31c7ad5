using System.Runtime.CompilerServices;
using System.Text.Json;
using Forge.Grains.Streams;
using Forge.Identity;
using Forge.Schedules;
using Forge.Sessions;
using Forge.Silo.Events;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Rpc;

/// <summary>The events of sessions as they are over HTTP.</summary>
internal sealed class SessionEventSource(SessionEvents sessions, IGrainFactory grains, TimeProvider time, IOptions<JsonOptions> json) : IEventSource
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<RawJson> ReadAsync(
        SessionAddress session, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var happened in sessions.FollowAsync(session, after, cancellationToken))
        {
            yield return new RawJson(JsonSerializer.SerializeToUtf8Bytes(EventAnswer.Of(happened), json.Value.SerializerOptions));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RawJson> ReadDueAsync(
        SessionAddress session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<ISessionGrain>(session.ToGrainKey());
        await using var states = await DueStates.BeginAsync(
            grains, grain.ObserveAsync, grain.EndObservationAsync, failed: null, time, cancellationToken);
        await foreach (var due in states.ReadAllAsync(cancellationToken))
        {
            yield return new RawJson(JsonSerializer.SerializeToUtf8Bytes(StateDueAnswer.Of(due), json.Value.SerializerOptions));
        }
    }
}
