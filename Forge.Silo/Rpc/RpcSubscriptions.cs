using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Forge.Errors;
using Forge.Events;
using Forge.Feeds;
using Forge.Identity;
using Forge.Silo.Http;
using StreamJsonRpc;

namespace Forge.Silo.Rpc;

/// <summary>
/// The subscriptions of one connection. Each reads its events no faster than they are sent, so that what a caller does not read waits in
/// the session's log, and not here.
/// </summary>
/// <param name="source">Where the events come from.</param>
/// <param name="tenant">Whose sessions they are.</param>
/// <param name="limit">The most of the connection.</param>
/// <param name="connections">Counts those of the silo.</param>
/// <param name="problems">Makes problems of errors.</param>
/// <param name="errors">Makes errors of problems.</param>
internal sealed class RpcSubscriptions(
    IEventSource source, TenantId tenant, int limit, RpcConnections connections, ProblemAnswers problems, RpcError errors) : IAsyncDisposable
{
    public const string Subscribe = "subscribe";
    public const string Unsubscribe = "unsubscribe";
    private const string Event = "event";
    private const string Cursor = "cursor";
    private const string Feed = "feed";
    private const string Session = "session";
    private const string StateDue = "stateDue";
    private const string Due = "due";
    private const string Ended = "ended";
    private const string Id = "subscription";

    private static readonly JsonShape<FeedQuery> FeedShape = new JsonShape<FeedQuery> { Limit = _ => GivenObject.Frame }
        .Optional("after", JsonKind.Text, "The cursor, or latest; the oldest that is kept if nothing is said.", (query, after) => query with { After = after })
        .Optional("prefix", JsonKind.Text, "Only sessions whose names begin so.", (query, prefix) => query with { Prefix = prefix ?? "" })
        .Optional("labels", JsonKind.Pairs, "Only sessions with these labels.", (query, labels) => query with { Labels = labels })
        .Optional(
            "kinds", JsonKind.Texts, "Only events of these kinds.",
            (query, kinds) => query with { Kinds = [.. (kinds ?? []).Select(LogEventKindNames.Parse)] });

    private static readonly JsonShape<Wanted> WantedShape = new JsonShape<Wanted> { Limit = _ => GivenObject.Frame }
        .Optional(
            Session, JsonKind.Text, "The session; left out for the feed.",
            (wanted, session) => wanted with { Session = session is null ? null : SessionId.Parse(session) })
        .Optional(
            Feed, JsonKind.Object(FeedShape, new FeedQuery()), "What of the tenant's feed is wanted, in place of a session.",
            (wanted, feed) => wanted with { Feed = feed })
        .Optional(
            "after", JsonKind.Integer, "The position behind which the events begin; the oldest that is kept if nothing is said.",
            (wanted, after) => wanted with
            {
                After = after is < 0 ? throw new InvalidRequestException("after", "must be a whole number from 0") : after,
            })
        .Optional(
            Due, JsonKind.Flag, "True to be told of states that are due by the session's schedule, and of no events.",
            (wanted, due) => wanted with { IsOfDueStates = due });

    private static readonly JsonShape<Named> NamedShape = new JsonShape<Named> { Limit = _ => GivenObject.Frame }
        .Optional(Id, JsonKind.Integer, "The subscription.", (named, id) => named with { Subscription = id });

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Subscription> _running = [];
    private JsonRpc _rpc = null!;
    private long _last;
    private bool _isOver;

    /// <summary>The methods.</summary>
    public static IReadOnlySet<string> Methods { get; } = new HashSet<string>(StringComparer.Ordinal) { Subscribe, Unsubscribe };

    /// <summary>Lets the methods be called.</summary>
    public void Attach(JsonRpc rpc)
    {
        _rpc = rpc;
        rpc.AddLocalRpcMethod(Subscribe, SubscribeAsync);
        rpc.AddLocalRpcMethod(Unsubscribe, UnsubscribeAsync);
    }

    /// <summary>Ends all of them.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Subscription> all;
        lock (_lock)
        {
            _isOver = true;
            all = [.. _running.Values];
            _running.Clear();
        }

        foreach (var subscription in all)
        {
            await subscription.DisposeAsync();
        }
    }

    private Task<RpcAnswer> SubscribeAsync(RpcCall call, CancellationToken cancellationToken) => AnswerAsync(call, () =>
    {
        var wanted = WantedShape.Read(call.Envelope.Params, new Wanted());
        Require(wanted);
        lock (_lock)
        {
            // The library may call this when the connection is over, and nobody would end it.
            if (_isOver)
            {
                throw new UnavailableException("The connection is closed.");
            }

            if (_running.Count >= limit)
            {
                throw new BusyException("subscriptions", $"of this connection are {limit}, as many as may be");
            }

            var entry = connections.EnterSubscription();
            var (id, cancel) = (++_last, new CancellationTokenSource());
            var pump = PumpAsync(id, NewsOf(wanted, cancel.Token), call.Answered, entry, cancel.Token);
            _running.Add(id, new Subscription(cancel, pump));
            call.Answer.Write(Encoding.UTF8.GetBytes($$"""{"{{Id}}":{{id}}}"""));
        }

        return Task.CompletedTask;
    });

    private Task<RpcAnswer> UnsubscribeAsync(RpcCall call, CancellationToken cancellationToken) => AnswerAsync(call, async () =>
    {
        var id = NamedShape.Read(call.Envelope.Params, new Named(null)).Subscription
            ?? throw new InvalidRequestException(Id, "must be given");
        if (Remove(id) is not { } subscription)
        {
            throw new InvalidRequestException(Id, "is none of this connection, or has ended");
        }

        // Behind the answer there must be no more of its events.
        await subscription.DisposeAsync();
        call.Answer.Write(Encoding.UTF8.GetBytes($$"""{"{{Id}}":{{id}}}"""));
    });

    private async Task<RpcAnswer> AnswerAsync(RpcCall call, Func<Task> answer)
    {
        try
        {
            await answer();
            return call.Answer;
        }
        catch (Exception exception)
        {
            throw errors.Exception(problems.ProblemOf(HttpMethods.Get, call.Envelope.Method!, exception), exception);
        }
        finally
        {
            call.ReleaseMessage();
        }
    }

    private static void Require(Wanted wanted)
    {
        if (wanted is { Session: null, Feed: null })
        {
            throw new InvalidRequestException(Session, "must be given");
        }

        if (wanted is { IsOfDueStates: true, After: not null })
        {
            throw new InvalidRequestException("after", $"must not be given with {Due}");
        }

        if (wanted.Feed is not null && (wanted.Session is not null || wanted.After is not null || wanted.IsOfDueStates))
        {
            throw new InvalidRequestException(
                wanted.Session is not null ? Session : wanted.IsOfDueStates ? Due : "after", $"must not be given with {Feed}");
        }
    }

    /// <summary>What a subscription tells: the method of each notification, and under which name it has what.</summary>
    private async IAsyncEnumerable<(string Method, string Name, object Value)> NewsOf(
        Wanted wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (wanted.Feed is { } query)
        {
            await foreach (var news in source.ReadFeedAsync(tenant, query, cancellationToken))
            {
                yield return news.Event is { } happened ? (Event, Event, happened) : (Cursor, Cursor, news.Cursor);
            }

            yield break;
        }

        var session = new SessionAddress(tenant, wanted.Session!.Value);
        var (method, name, all) = wanted.IsOfDueStates
            ? (StateDue, Due, source.ReadDueAsync(session, cancellationToken))
            : (Event, Event, source.ReadAsync(session, wanted.After, cancellationToken));
        await foreach (var json in all)
        {
            yield return (method, name, json);
        }
    }

    private async Task PumpAsync(
        long id,
        IAsyncEnumerable<(string Method, string Name, object Value)> all,
        Task answered,
        IDisposable entry,
        CancellationToken cancellationToken)
    {
        using var entered = entry;
        var arguments = new Dictionary<string, object?> { [Id] = id };
        try
        {
            // The caller must know the name of the subscription before it hears of it.
            await answered.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await foreach (var (method, name, value) in all)
            {
                if (!await NotifyAsync(method, new Dictionary<string, object?>(arguments) { [name] = value }))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            arguments["problem"] = errors.Document(problems.ProblemOf(HttpMethods.Get, Subscribe, exception));
        }

        // What was unsubscribed meanwhile has its end in the answer to that.
        if (Remove(id) is not null)
        {
            await NotifyAsync(Ended, arguments);
        }
    }

    private Subscription? Remove(long id)
    {
        lock (_lock)
        {
            return _running.Remove(id, out var subscription) ? subscription : null;
        }
    }

    /// <summary>Tells the caller; false if the connection is over.</summary>
    private async Task<bool> NotifyAsync(string method, Dictionary<string, object?> arguments)
    {
        try
        {
            await _rpc.NotifyWithParameterObjectAsync(method, (IReadOnlyDictionary<string, object?>)arguments, null);
            return true;
        }
        catch (Exception exception) when (exception is ConnectionLostException or ObjectDisposedException or OperationCanceledException
            or System.Net.WebSockets.WebSocketException)
        {
            // Nobody is there to be told.
            return false;
        }
    }

    private sealed record Wanted
    {
        public SessionId? Session { get; init; }

        public long? After { get; init; }

        public FeedQuery? Feed { get; init; }

        public bool IsOfDueStates { get; init; }
    }

    private sealed record Named(long? Subscription);

    private sealed class Subscription(CancellationTokenSource cancel, Task pump) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await cancel.CancelAsync();
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.Dispose();
        }
    }
}
