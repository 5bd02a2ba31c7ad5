using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Forge.Errors;
using Forge.Feeds;
using Forge.Identity;
using Forge.Silo.Http;
using Forge.Silo.Rpc;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Grains.Tests.Rpc;

/// <summary>Subscriptions over a source of events that the test is.</summary>
public sealed class RpcSubscriptionTests
{
    private readonly FakeEvents _events = new();

    [Fact]
    public async Task Subscribe_FromAPosition_TellsEachEventOnceInOrderBehindTheAnswer()
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync();
        for (var position = 1; position <= 200; position++)
        {
            _events.Add("s", position);
        }

        var subscription = (await client.ResultAsync("subscribe", """{"session":"s","after":3}""")).GetProperty("subscription").GetInt64();

        for (var position = 4; position <= 200; position++)
        {
            var told = (await client.NextAsync()).Json;
            Assert.Equal("event", told.GetProperty("method").GetString());
            Assert.False(told.TryGetProperty("id", out _));
            Assert.Equal(subscription, told.GetProperty("params").GetProperty("subscription").GetInt64());
            Assert.Equal(position, told.GetProperty("params").GetProperty("event").GetProperty("position").GetInt64());
        }
    }

    [Fact]
    public async Task Subscribe_ManyPipelined_AnswerComesBeforeTheFirstEventOfEach()
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync();
        _events.Add("s", 1);
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync($$$"""{"jsonrpc":"2.0","id":"{{{i}}}","method":"subscribe","params":{"session":"s","after":0}}""");
        }

        HashSet<long> known = [];
        for (var i = 0; i < 100; i++)
        {
            var message = (await client.NextAsync()).Json;
            if (message.TryGetProperty("result", out var result))
            {
                Assert.True(known.Add(result.GetProperty("subscription").GetInt64()));
            }
            else
            {
                Assert.Contains(message.GetProperty("params").GetProperty("subscription").GetInt64(), known);
            }
        }

        Assert.Equal(50, known.Count);
    }

    [Fact]
    public async Task Unsubscribe_NothingComesBehindItsAnswer()
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync();
        var subscription = (await client.ResultAsync("subscribe", """{"session":"s","after":0}""")).GetProperty("subscription").GetInt64();
        _events.Add("s", 1);
        await client.NextAsync();

        await client.ResultAsync("unsubscribe", $$"""{"subscription":{{subscription}}}""");
        _events.Add("s", 2);
        (await client.CallAsync("unsubscribe", $$"""{"subscription":{{subscription}}}""")).MustRefuse(-32602, "invalid_request", "subscription");

        Assert.False(client.Others.TryRead(out _));
        Assert.Equal(0, _events.Readers);
    }

    [Fact]
    public async Task Source_ThatEndsOrFails_IsToldAsEnded()
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync();
        await client.ResultAsync("subscribe", """{"session":"s","after":0}""");
        await client.ResultAsync("subscribe", """{"session":"gone","after":0}""");

        _events.End("s", null);
        var ended = (await client.NextAsync()).Json;
        Assert.Equal("ended", ended.GetProperty("method").GetString());
        Assert.Equal("""{"subscription":1}""", ended.GetProperty("params").GetRawText());
        _events.End("gone", new SessionDeletedException(new SessionAddress(TenantId.Default, SessionId.Parse("gone"))));
        var failed = (await client.NextAsync()).Json.GetProperty("params");
        Assert.Equal(2, failed.GetProperty("subscription").GetInt64());
        Assert.Equal("session_deleted", failed.GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal(410, failed.GetProperty("problem").GetProperty("status").GetInt32());
        await client.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Subscribe_MoreThanMayBeOrBadParameters_IsRefused()
    {
        await using var host = await StartAsync("Forge:Rpc:SubscriptionsPerConnection=2");
        await using var client = await host.ConnectAsync();
        await client.ResultAsync("subscribe", """{"session":"a"}""");
        await client.ResultAsync("subscribe", """{"session":"a"}""");

        (await client.CallAsync("subscribe", """{"session":"a"}""")).MustRefuse(429, "busy");
        await client.ResultAsync("unsubscribe", """{"subscription":1}""");
        (await client.CallAsync("subscribe", "{}")).MustRefuse(-32602, "invalid_request", "session");
        (await client.CallAsync("subscribe", """{"session":"a/b"}""")).MustRefuse(-32602, "invalid_request");
        (await client.CallAsync("subscribe", """{"session":"a","after":-1}""")).MustRefuse(-32602, "invalid_request", "after");
        (await client.CallAsync("subscribe", """{"session":"a","bogus":1}""")).MustRefuse(-32602, "invalid_request", "bogus");
        (await client.CallAsync("unsubscribe", "{}")).MustRefuse(-32602, "invalid_request", "subscription");
        Assert.Equal(3, (await client.ResultAsync("subscribe", """{"session":"a"}""")).GetProperty("subscription").GetInt64());
    }

    [Fact]
    public async Task Subscribe_MoreThanASiloMayHave_IsRefusedUntilOneEnds()
    {
        await using var host = await StartAsync("Forge:Rpc:Subscriptions=2");
        await using var client = await host.ConnectAsync();
        await using var other = await host.ConnectAsync();
        await client.ResultAsync("subscribe", """{"session":"a"}""");
        await other.ResultAsync("subscribe", """{"session":"b"}""");

        (await client.CallAsync("subscribe", """{"session":"a"}""")).MustRefuse(429, "busy");
        await other.ResultAsync("unsubscribe", """{"subscription":1}""");
        await client.ResultAsync("subscribe", """{"session":"a"}""");
    }

    [Fact]
    public async Task Subscribe_WithoutAnId_IsPassedOverAndHoldsNothing()
    {
        await using var host = await StartAsync("Forge:Rpc:CallsPerConnection=2");
        await using (var client = await host.ConnectAsync())
        {
            for (var i = 0; i < 5; i++)
            {
                await client.SendAsync("""{"jsonrpc":"2.0","method":"subscribe","params":{"session":"s"}}""");
                await client.SendAsync("""{"jsonrpc":"2.0","method":"unsubscribe","params":{}}""");
            }

            await client.ResultAsync("live", "{}");
            Assert.Equal(0, _events.Readers);
        }

        while (host.Services.GetRequiredService<RpcConnections>().Count > 0)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Connection_ThatEnds_EndsItsSubscriptions()
    {
        await using var host = await StartAsync();
        await using (var client = await host.ConnectAsync())
        {
            await client.ResultAsync("subscribe", """{"session":"s","after":0}""");
            _events.Add("s", 1);
            await client.NextAsync();
            Assert.Equal(1, _events.Readers);
        }

        while (_events.Readers > 0)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Subscribe_ToASessionOfTheSilo_TellsWhatHappens()
    {
        await using var host = await RpcHost.StartAsync();
        await using var client = await host.ConnectAsync();
        await using var other = await host.ConnectAsync();
        await client.ResultAsync("createCheckpoint", """{"session":"s","message":"before","state":1}""");
        var subscription = (await client.ResultAsync("subscribe", """{"session":"s"}""")).GetProperty("subscription").GetInt64();
        for (var i = 0; i < 100; i++)
        {
            await other.ResultAsync("createCheckpoint", $$"""{"session":"s","message":"m{{i}}","state":1}""");
        }

        for (var position = 1; position <= 101; position++)
        {
            var told = (await client.NextAsync()).Json.GetProperty("params");
            Assert.Equal(subscription, told.GetProperty("subscription").GetInt64());
            Assert.Equal(position, told.GetProperty("event").GetProperty("position").GetInt64());
            Assert.Equal(position == 1 ? "before" : $"m{position - 2}", told.GetProperty("event").GetProperty("message").GetString());
        }

        await other.ResultAsync("deleteSession", """{"session":"s"}""");
        RpcReply last;
        do
        {
            last = await client.NextAsync();
        }
        while (last.Json.GetProperty("method").GetString() != "ended");

        Assert.Equal("session_deleted", last.Json.GetProperty("params").GetProperty("problem").GetProperty("code").GetString());
    }

    private Task<RpcHost> StartAsync(params string[] settings) =>
        RpcHost.StartAsync(services => services.AddSingleton<IEventSource>(_events), settings);

    /// <summary>Sessions whose events a test makes.</summary>
    private sealed class FakeEvents : IEventSource
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, List<long>> _positions = [];
        private readonly Dictionary<string, Exception?> _ended = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _readers;

        public int Readers => Volatile.Read(ref _readers);

        public void Add(string session, long position) => Change(() =>
        {
            _positions.TryAdd(session, []);
            _positions[session].Add(position);
        });

        public void End(string session, Exception? problem) => Change(() => _ended[session] = problem);

        public async IAsyncEnumerable<RawJson> ReadAsync(
            SessionAddress session, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _readers);
            try
            {
                var last = after ?? 0;
                while (true)
                {
                    var (next, ended, changed) = Look(session.Session.Value, last);
                    foreach (var position in next)
                    {
                        last = position;
                        yield return new RawJson(Encoding.UTF8.GetBytes($$"""{"position":{{position}}}"""));
                    }

                    if (ended is { } end)
                    {
                        if (end.Problem is { } problem)
                        {
                            throw problem;
                        }

                        yield break;
                    }

                    await changed.WaitAsync(cancellationToken);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _readers);
            }
        }

        public IAsyncEnumerable<FeedNews> ReadFeedAsync(TenantId tenant, FeedQuery query, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("No test here asks for a feed.");

        public IAsyncEnumerable<RawJson> ReadDueAsync(SessionAddress session, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<RawJson>();

        private (List<long> Next, (bool IsEnded, Exception? Problem)? Ended, Task Changed) Look(string session, long after)
        {
            lock (_lock)
            {
                return (
                    [.. _positions.GetValueOrDefault(session, []).Where(position => position > after)],
                    _ended.TryGetValue(session, out var problem) ? (true, problem) : null,
                    _changed.Task);
            }
        }

        private void Change(Action change)
        {
            lock (_lock)
            {
                change();
                _changed.SetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
