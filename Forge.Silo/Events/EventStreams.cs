using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Forge.Errors;
using Forge.Events;
using Forge.Feeds;
using Forge.Grains.Feeds;
using Forge.Grains.Streams;
using Forge.Identity;
using Forge.Silo.Draining;
using Forge.Silo.Http;
using Forge.Silo.Quotas;
using Forge.Silo.Security;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Events;

/// <summary>
/// Serves events as they happen: an event's id is its position, or its cursor in a feed, so that whoever comes back with the last one misses nothing. A stream ends
/// when the silo stops, and by an event named <c>error</c> if it cannot go on.
/// </summary>
internal sealed class EventStreams(
    SessionEvents sessions, FeedFollower feeds, IOptions<StreamOptions> options, IOptions<JsonOptions> json, Drain drain, TimeProvider time,
    OpenCallers callers, TenantQuotas quotas)
{
    private const string ErrorEvent = "error";

    private static readonly byte[] Heartbeat = Encoding.UTF8.GetBytes(": \n\n");

    // A comment: whoever loses a stream comes back anyway, and this is for people who look at one.
    private static readonly byte[] Goodbye = Encoding.UTF8.GetBytes(": the silo is stopping\n\n");

    private int _open;

    /// <summary>How many streams there are.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Counts a stream until its request is over.</summary>
    /// <exception cref="BusyException">There are as many as there may be.</exception>
    public void Enter(HttpContext context)
    {
        var slot = new Slot(this);
        if (Interlocked.Increment(ref _open) > options.Value.HttpStreams)
        {
            slot.Dispose();
            throw new BusyException("streams", "are as many as this silo serves at once");
        }

        context.Response.RegisterForDispose(slot);
        context.Response.RegisterForDispose(quotas.EnterStream(context));
    }

    /// <summary>The events after a position, and all that follow.</summary>
    /// <param name="context">The request.</param>
    /// <param name="address">The session.</param>
    /// <param name="after">The position; null to begin with the oldest that is kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IAsyncEnumerable<SseItem<string>> StreamAsync(
        HttpContext context, SessionAddress address, long? after, CancellationToken cancellationToken = default) =>
        StreamAsync(context, ended => EventsAsync(address, after, ended), cancellationToken);

    /// <summary>The events of a feed as a query says, and all that follow.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="query">What is wanted, and from where on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IAsyncEnumerable<SseItem<string>> StreamAsync(
        HttpContext context, TenantId tenant, FeedQuery query, CancellationToken cancellationToken = default) =>
        StreamAsync(context, ended => EventsAsync(tenant, query, ended), cancellationToken);

    private async IAsyncEnumerable<SseItem<string>> StreamAsync(
        HttpContext context, Func<CancellationToken, IAsyncEnumerable<Told>> open,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // At once, so that whoever asked knows that it is heard. Nothing else writes before the next item is asked for.
        await WriteAsync(context, Encoding.UTF8.GetBytes($"retry: {(long)options.Value.RetryAfter.TotalMilliseconds}\n\n"));
        using var caller = callers.Enter(context);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, context.RequestAborted, drain.Over, caller.Ended);
        var events = open(ended.Token).GetAsyncEnumerator(ended.Token);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next = events.MoveNextAsync().AsTask();
                while (!next.IsCompleted)
                {
                    await ((Task)next).WaitAsync(options.Value.Heartbeat, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    if (!next.IsCompleted)
                    {
                        await WriteAsync(context, Heartbeat);
                    }
                }

                var (more, problem) = await OutcomeAsync(next, ended.Token);
                if ((problem ?? caller.Problem) is { } told)
                {
                    yield return ItemOf(told);
                }

                if (!more || caller.Problem is not null)
                {
                    if (drain.Over.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
                    {
                        await WriteAsync(context, Goodbye);
                    }

                    yield break;
                }

                if (events.Current is { Item: { } item })
                {
                    yield return item;
                }
                else
                {
                    // By the HTML standard the empty line makes the id the last one, before it is found that there is no data to tell of.
                    await WriteAsync(context, Encoding.UTF8.GetBytes($"id: {events.Current.Id}\n\n"));
                }
            }
        }
        finally
        {
            // What is under way has to end before it can be disposed of.
            await ended.CancelAsync();
            if (next is not null)
            {
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await events.DisposeAsync();
        }
    }

    private async IAsyncEnumerable<Told> EventsAsync(
        SessionAddress address, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var happened in sessions.FollowAsync(address, after, cancellationToken))
        {
            yield return new Told(ItemOf(happened), null);
        }
    }

    private async IAsyncEnumerable<Told> EventsAsync(
        TenantId tenant, FeedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Whoever loses the stream before anything happens comes back with where it began.
        if (query.After is { } begun and not FeedQuery.Latest)
        {
            yield return new Told(null, begun);
        }

        await foreach (var page in feeds.FollowAsync(tenant, query, cancellationToken))
        {
            foreach (var happened in page.Items)
            {
                yield return new Told(ItemOf(happened), null);
            }

            // What was looked at in vain is not looked at again by whoever comes back.
            if (page.Items.Count == 0)
            {
                yield return new Told(null, page.Next);
            }
        }
    }

    private static async Task<(bool More, Problem? Problem)> OutcomeAsync(Task<bool> next, CancellationToken ended)
    {
        try
        {
            return (await next, null);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return (false, null);
        }
        catch (Exception exception) when (Problem.From(exception, changes: false) is not null)
        {
            return (false, Problem.From(exception, changes: false));
        }
    }

    private static async Task WriteAsync(HttpContext context, byte[] text)
    {
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private SseItem<string> ItemOf(LogEvent happened) =>
        new(JsonSerializer.Serialize(EventAnswer.Of(happened), json.Value.SerializerOptions), happened.Kind.ToName())
        {
            EventId = happened.Position.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };

    private SseItem<string> ItemOf(FeedEvent happened) =>
        new(JsonSerializer.Serialize(FeedEventAnswer.Of(happened), json.Value.SerializerOptions), happened.Event.Kind.ToName())
        {
            EventId = happened.Cursor,
        };

    /// <summary>As the answer to a request would say it. It has no id, so that the last event's stays.</summary>
    private SseItem<string> ItemOf(Problem problem) => new(
        JsonSerializer.Serialize(
            new Dictionary<string, object?>(problem.Extensions.Select(extension => KeyValuePair.Create(extension.Name, extension.Value)))
            {
                ["status"] = problem.Status,
                ["code"] = problem.Code,
                ["detail"] = problem.Detail,
            },
            json.Value.SerializerOptions),
        ErrorEvent);

    /// <summary>What a stream tells: an event, or an id alone, which a browser keeps without telling of an event.</summary>
    private readonly record struct Told(SseItem<string>? Item, string? Id);

    private sealed class Slot(EventStreams streams) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                Interlocked.Decrement(ref streams._open);
            }
        }
    }
}
