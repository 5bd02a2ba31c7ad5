using System.Net;
using System.Text.Json;
using AgentFrameworkSample;
using Forge.AgentFramework;
using Forge.AgentFramework.Http;
using Forge.AgentFramework.Workflows;
using Forge.Errors;
using Forge.Grains.Tests.Rpc;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.AgentFramework;

public sealed class HttpCheckpointStoreTests(HttpCheckpointStoreTests.Silo silo) : IClassFixture<HttpCheckpointStoreTests.Silo>
{
    private static readonly CheckpointInfo SomeKey = new("s", Guid.NewGuid().ToString());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(CheckpointStoreTests.States), MemberType = typeof(CheckpointStoreTests))]
    public async Task Create_AStateOfAnyShape_ComesBackByteForByte(string state)
    {
        var (store, session) = (silo.Store(), silo.NewName());

        var key = await store.CreateCheckpointAsync(session, Parse(state));

        Assert.Equal(session, key.SessionId);
        Assert.Equal(state, (await store.RetrieveCheckpointAsync(session, key)).GetRawText());
        Assert.Equal(key, await store.GetLatestAsync(session, Cancel));
    }

    [Fact]
    public async Task RetrieveIndex_MoreThanAPage_IsAnArrayOldestFirstAndWithAParentItsChildrenAlone()
    {
        var (store, session) = (silo.Store(pageItems: 3), silo.NewName());
        var chain = new List<CheckpointInfo>();
        for (var i = 0; i < 7; i++)
        {
            chain.Add(await store.CreateCheckpointAsync(session, Parse($"{i}"), chain.LastOrDefault()));
        }

        var second = await store.CreateCheckpointAsync(session, Parse("\"second child\""), chain[0]);
        var root = await store.CreateCheckpointAsync(session, Parse("\"root\""));

        var index = await store.RetrieveIndexAsync(session);

        Assert.IsType<CheckpointInfo[]>(index);
        Assert.Equal([.. chain, second, root], index);
        Assert.Equal([chain[1], second], await store.RetrieveIndexAsync(session, chain[0]));
        Assert.Empty(await store.RetrieveIndexAsync(session, root));
        Assert.Empty(await store.RetrieveIndexAsync(session, new CheckpointInfo("another", chain[0].CheckpointId)));
        Assert.Empty(await store.RetrieveIndexAsync(session, new CheckpointInfo(session, "no id")));
        Assert.Equal(root, await store.GetLatestAsync(session, Cancel));
    }

    [Fact]
    public async Task AnyRead_OfWhatIsNotThere_FindsNothing()
    {
        var (store, session, other) = (silo.Store(), silo.NewName(), silo.NewName());

        Assert.Empty(await store.RetrieveIndexAsync(session));
        Assert.Null(await store.GetLatestAsync(session, Cancel));
        var key = await store.CreateCheckpointAsync(session, Parse("1"));
        await store.CreateCheckpointAsync(other, Parse("1"));
        foreach (var (asked, missing) in new (string, CheckpointInfo)[]
        {
            (session, new(session, Guid.NewGuid().ToString())), (session, new(session, "latest")), (other, key), (other, new(other, key.CheckpointId)),
            (silo.NewName(), key),
        })
        {
            await Assert.ThrowsAsync<KeyNotFoundException>(() => store.RetrieveCheckpointAsync(asked, missing).AsTask());
        }

        await silo.SendAsync(HttpMethod.Delete, store.Session(session).Value);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => store.RetrieveCheckpointAsync(session, key).AsTask());
        var deleted = await Assert.ThrowsAsync<ForgeHttpException>(() => store.CreateCheckpointAsync(session, Parse("2")).AsTask());
        Assert.Equal(("session_deleted", HttpStatusCode.Gone), (deleted.Code, deleted.Status));
    }

    [Fact]
    public async Task Create_WithAForeignOrUnknownParent_IsRefusedAndChangesNothing()
    {
        var (store, session, other) = (silo.Store(), silo.NewName(), silo.NewName());
        await store.CreateCheckpointAsync(session, Parse("1"));
        var foreign = await store.CreateCheckpointAsync(other, Parse("1"));

        await Assert.ThrowsAsync<Forge.InvalidRequestException>(() => store.CreateCheckpointAsync(session, Parse("2"), foreign).AsTask());
        foreach (var unknown in new[] { foreign.CheckpointId, Guid.NewGuid().ToString(), "1" })
        {
            var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(
                () => store.CreateCheckpointAsync(session, Parse("2"), new CheckpointInfo(session, unknown)).AsTask());
            Assert.Equal("parent", error.Field);
        }

        await Assert.ThrowsAsync<Forge.InvalidRequestException>(() => store.CreateCheckpointAsync(session, default).AsTask());
        await Assert.ThrowsAsync<Forge.InvalidRequestException>(() => store.CreateCheckpointAsync("", Parse("1")).AsTask());
        Assert.Single(await store.RetrieveIndexAsync(session));
    }

    [Fact]
    public async Task Create_TheSameAgain_IsOneCheckpointUntilThatIsDeleted()
    {
        var (store, session) = (silo.Store(), silo.NewName());
        var root = await store.CreateCheckpointAsync(session, Parse("1"));
        var child = await store.CreateCheckpointAsync(session, Parse("2"), root);

        var again = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => silo.Store().CreateCheckpointAsync(session, Parse("2"), root).AsTask()));
        await silo.SendAsync(HttpMethod.Delete, $"{store.Session(session)}/checkpoints/{child.CheckpointId}");
        var anew = await store.CreateCheckpointAsync(session, Parse("2"), root);

        Assert.All(again, one => Assert.Equal(child, one));
        Assert.NotEqual(child, anew);
        Assert.Equal([root, anew], await store.RetrieveIndexAsync(session));
        Assert.Equal(anew, await store.CreateCheckpointAsync(session, Parse("2"), root));
    }

    [Fact]
    public async Task Under_AClaim_KeepsOthersOut()
    {
        var (store, session) = (silo.Store(), silo.NewName());
        var root = await store.CreateCheckpointAsync(session, Parse("1"));
        var first = store.Under(session, await ClaimAsync("first"));

        var byFirst = await first.CreateCheckpointAsync(session, Parse("2"), root);

        Assert.Equal("claimed", (await Refused(store)).Code);
        await ClaimAsync("second");
        Assert.Equal("superseded", (await Refused(first)).Code);
        Assert.Equal([root, byFirst], await store.RetrieveIndexAsync(session));

        Task<ForgeHttpException> Refused(ForgeHttpCheckpointStore by) =>
            Assert.ThrowsAsync<ForgeHttpException>(() => by.CreateCheckpointAsync(session, Parse("3"), root).AsTask());

        async Task<long> ClaimAsync(string owner)
        {
            var claim = await silo.SendAsync(HttpMethod.Post, $"{store.Session(session)}/claim", $$"""{"owner":"{{owner}}"}""");
            return claim.GetProperty("epoch").GetInt64();
        }
    }

    [Fact]
    public async Task Create_InASessionWhoseNameIsTooLong_AddsItsNameToTheSettings()
    {
        var (store, session) = (silo.Store(), silo.NewName() + new string('é', 300));
        var name = store.Session(session).Value;
        await silo.SendAsync(HttpMethod.Put, name, """{"labels":{"mine":"kept"},"retention":{"keepRecent":5}}""");

        await store.CreateCheckpointAsync(session, Parse("1"));
        await store.CreateCheckpointAsync(session, Parse("2"));

        var settings = (await silo.SendAsync(HttpMethod.Get, name)).GetProperty("settings");
        var labels = settings.GetProperty("labels").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!);
        Assert.Equal(session, labels["agent-framework.session"] + labels["agent-framework.session#2"]);
        Assert.Equal(("kept", 3), (labels["mine"], labels.Count));
        Assert.Equal(5, settings.GetProperty("retention").GetProperty("keepRecent").GetInt32());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_OfAWorkflow_GoesOnWithAnotherStore(bool offThread)
    {
        var session = silo.NewName();
        var environment = offThread ? InProcessExecution.OffThread : InProcessExecution.Lockstep;
        var failing = CountingWorkflow.Create(
            number => number == 4 ? Task.FromException(new InvalidOperationException("enough")) : Task.CompletedTask);
        await using (var run = await environment.WithCheckpointing(CountingRuns.Manage(silo.Store()))
            .RunStreamingAsync(failing, new CountingWorkflow.Step(1, 6), session, Cancel))
        {
            await foreach (var happened in run.WatchStreamAsync(Cancel))
            {
                if (happened is WorkflowErrorEvent)
                {
                    await run.CancelRunAsync();
                    break;
                }
            }
        }

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeHttpCheckpointStore(silo.Root, options => options.SerializerOptions = JsonSerializerOptions.Default);
        using var host = builder.Build();
        var store = host.Services.GetRequiredService<ForgeHttpCheckpointStore>();
        Assert.Same(store, host.Services.GetRequiredService<JsonCheckpointStore>());
        await using var resumed = await environment.WithCheckpointing(host.Services.GetRequiredService<CheckpointManager>())
            .ResumeStreamingAsync(CountingWorkflow.Create(), (await store.GetLatestAsync(session, Cancel))!, Cancel);

        Assert.Equal(CountingRuns.ResultOf(6), Assert.Single(await resumed.WatchStreamAsync(Cancel).OfType<WorkflowOutputEvent>().ToListAsync(Cancel)).Data);
        Assert.Equal(6, (await store.RetrieveIndexAsync(session)).Count());
    }

    [Fact]
    public async Task Create_AnswerLost_IsMadeAgainAndTakesEffectOnce()
    {
        var session = silo.NewName();
        using var losing = new LosingHandler();
        using var http = new HttpClient(losing) { BaseAddress = silo.Root };
        var store = new ForgeHttpCheckpointStore(http);

        var key = await store.CreateCheckpointAsync(session, Parse("1"));

        Assert.Equal(2, losing.Creates);
        Assert.Equal([key], await store.RetrieveIndexAsync(session));
    }

    [Fact]
    public async Task AnyCall_ThatIsNeverAnswered_IsNoCancellation()
    {
        var time = new FakeTimeProvider();
        using var http = new HttpClient(new FailingHandler(new TaskCanceledException("no answer"))) { BaseAddress = silo.Root };
        var store = new ForgeHttpCheckpointStore(http, null, time);

        Task[] calls =
        [
            store.CreateCheckpointAsync("s", Parse("1")).AsTask(), store.RetrieveCheckpointAsync("s", SomeKey).AsTask(),
            store.RetrieveIndexAsync("s").AsTask(),
        ];
        await AdvanceAsync(time, Task.WhenAll(calls));

        await Assert.ThrowsAsync<OutcomeUnknownException>(() => calls[0]);
        await Assert.ThrowsAsync<UnavailableException>(() => calls[1]);
        await Assert.ThrowsAsync<UnavailableException>(() => calls[2]);
    }

    [Fact]
    public async Task Create_NothingListens_IsUnavailable()
    {
        var (time, cause) = (new FakeTimeProvider(), new HttpRequestException(HttpRequestError.ConnectionError));
        using var http = new HttpClient(new FailingHandler(cause)) { BaseAddress = silo.Root };
        var store = new ForgeHttpCheckpointStore(http, null, time);

        var creating = store.CreateCheckpointAsync("s", Parse("1")).AsTask();
        await AdvanceAsync(time, creating);

        Assert.Same(cause, (await Assert.ThrowsAsync<UnavailableException>(() => creating)).InnerException);
    }

    [Fact]
    public async Task AnyCall_ThatSomethingElseAnswers_SaysSo()
    {
        using var http = new HttpClient(new PageHandler(HttpStatusCode.NotFound)) { BaseAddress = new Uri("http://other") };
        var store = new ForgeHttpCheckpointStore(http);

        var codes = new[]
        {
            (await Assert.ThrowsAsync<ForgeHttpException>(() => store.CreateCheckpointAsync("s", Parse("1")).AsTask())).Code,
            (await Assert.ThrowsAsync<ForgeHttpException>(() => store.RetrieveCheckpointAsync("s", SomeKey).AsTask())).Code,
            (await Assert.ThrowsAsync<ForgeHttpException>(() => store.RetrieveIndexAsync("s").AsTask())).Code,
        };

        Assert.All(codes, code => Assert.Equal("http_404", code));
        using var pages = new HttpClient(new PageHandler(HttpStatusCode.OK)) { BaseAddress = new Uri("http://other") };
        store = new ForgeHttpCheckpointStore(pages);
        Assert.Equal("no_silo", (await Assert.ThrowsAsync<ForgeHttpException>(() => store.CreateCheckpointAsync("s", Parse("1")).AsTask())).Code);
        Assert.Equal("no_silo", (await Assert.ThrowsAsync<ForgeHttpException>(() => store.RetrieveIndexAsync("s", SomeKey).AsTask())).Code);
        using var elsewhere = new HttpClient(new PageHandler(HttpStatusCode.Found)) { BaseAddress = new Uri("http://other") };
        store = new ForgeHttpCheckpointStore(elsewhere);
        Assert.Equal("http_302", (await Assert.ThrowsAsync<ForgeHttpException>(() => store.CreateCheckpointAsync("s", Parse("1")).AsTask())).Code);
        using var none = new HttpClient();
        Assert.Throws<Forge.InvalidRequestException>(() => new ForgeHttpCheckpointStore(none));
    }

    private static JsonElement Parse(string json) => JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });

    /// <summary>Lets time pass, wait by wait, until something is done.</summary>
    private static async Task AdvanceAsync(FakeTimeProvider time, Task done)
    {
        while (!done.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    /// <summary>A silo that is reached by HTTP alone.</summary>
    public sealed class Silo : IAsyncLifetime
    {
        private RpcHost? _host;
        private HttpClient? _http;
        private int _names;

        public Uri Root => _host!.Root;

        public async ValueTask InitializeAsync()
        {
            _host = await RpcHost.StartAsync();
            _http = new HttpClient { BaseAddress = Root };
        }

        public string NewName() => $"session-{Interlocked.Increment(ref _names)}";

        internal ForgeHttpCheckpointStore Store(int pageItems = 1000) => new(_http!, new ForgeCheckpointStoreOptions { PageItems = pageItems });

        internal async Task<JsonElement> SendAsync(HttpMethod method, string path, string? body = null)
        {
            using var request = new HttpRequestMessage(method, $"v1/sessions/{path.Replace("#", "%23", StringComparison.Ordinal)}");
            request.Content = body is null ? null : new StringContent(body, null, "application/json");
            using var response = await _http!.SendAsync(request, Cancel);
            var text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.IsSuccessStatusCode, text);
            return text.Length == 0 ? default : JsonElement.Parse(text);
        }

        public async ValueTask DisposeAsync()
        {
            _http?.Dispose();
            await (_host?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Sends requests and loses the answer of the first one.</summary>
    private sealed class LosingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _sent;

        public int Creates { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Creates += request.Method == HttpMethod.Post ? 1 : 0;
            var answer = await base.SendAsync(request, cancellationToken);
            return _sent++ > 0 ? answer : throw new TaskCanceledException("the answer was lost");
        }
    }

    /// <summary>Sends nothing.</summary>
    private sealed class FailingHandler(Exception cause) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(cause);
    }

    /// <summary>Answers all with a page that is nothing of Forge's.</summary>
    private sealed class PageHandler(HttpStatusCode status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent("<html>") });
    }
}
