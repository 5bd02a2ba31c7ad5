using System.Runtime.CompilerServices;
using System.Text.Json;
using Forge.Feeds;
using Forge.Grains.Feeds;
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
internal sealed class SessionEventSource(
    SessionEvents sessions, FeedFollower feeds, IGrainFactory grains, TimeProvider time, IOptions<JsonOptions> json) : IEventSource
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
    public async IAsyncEnumerable<FeedNews> ReadFeedAsync(
        TenantId tenant, FeedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in feeds.FollowAsync(tenant, query, cancellationToken))
        {
            foreach (var happened in page.Items)
            {
                yield return new FeedNews(
                    new RawJson(JsonSerializer.SerializeToUtf8Bytes(FeedEventAnswer.Of(happened), json.Value.SerializerOptions)), happened.Cursor);
            }

            if (page.Items.Count == 0)
            {
                yield return new FeedNews(null, page.Next);
            }
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
