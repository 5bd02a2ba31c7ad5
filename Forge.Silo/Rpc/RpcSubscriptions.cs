using System.Buffers;
using System.Text;
using Forge.Errors;
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
    private const string StateDue = "stateDue";
    private const string Ended = "ended";
    private const string Id = "subscription";

    private static readonly JsonShape<Wanted> WantedShape = new JsonShape<Wanted> { Limit = _ => GivenObject.Frame }
        .Required("session", JsonKind.Text, "The session.", (wanted, session) => wanted with { Session = SessionId.Parse(session) })
        .Optional(
            "after", JsonKind.Integer, "The position behind which the events begin; the oldest that is kept if nothing is said.",
            (wanted, after) => wanted with
            {
                After = after is < 0 ? throw new InvalidRequestException("after", "must be a whole number from 0") : after,
            })
        .Optional(
            "due", JsonKind.Flag, "True to be told of states that are due by the session's schedule, and of no events.",
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
        if (wanted is { IsOfDueStates: true, After: not null })
        {
            throw new InvalidRequestException("after", "must not be given with due");
        }

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
            var pump = PumpAsync(id, wanted, call.Answered, entry, cancel.Token);
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

    private async Task PumpAsync(long id, Wanted wanted, Task answered, IDisposable entry, CancellationToken cancellationToken)
    {
        using var entered = entry;
        var session = new SessionAddress(tenant, wanted.Session);
        var (method, name) = wanted.IsOfDueStates ? (StateDue, "due") : (Event, Event);
        var arguments = new Dictionary<string, object?> { [Id] = id };
        try
        {
            // The caller must know the name of the subscription before it hears of it.
            await answered.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            var told = wanted.IsOfDueStates
                ? source.ReadDueAsync(session, cancellationToken)
                : source.ReadAsync(session, wanted.After, cancellationToken);
            await foreach (var json in told)
            {
                if (!await NotifyAsync(method, new Dictionary<string, object?>(arguments) { [name] = json }))
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
        public SessionId Session { get; init; }

        public long? After { get; init; }

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
