using System.Net;
using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Mcp;
using Forge.Grains.Tests.Rpc;
using Forge.Grains.Tests.Security;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Usage;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;
using Forge.Silo.Security.Callers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.Usage;

/// <summary>Quotas of what a tenant may have in the cluster, in one silo, by whatever way its changes come.</summary>
public sealed class UsageQuotaTests(UsageQuotaTests.QuotaSilo fixture) : IClassFixture<UsageQuotaTests.QuotaSilo>, IAsyncLifetime
{
    private const int MostBytes = 1000;

    private readonly string _tenant = Make.Id("t");

    private SecuredSilo Silo => fixture.Silo;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // However slow the machine is: what was not counted bounds nothing.
    public async ValueTask InitializeAsync() => await Silo.Services.GetRequiredService<UsageMeters>().ReadAsync(TenantId.Parse(_tenant), Cancel);

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Sessions_OneTooMany_IsRefusedByEveryWay()
    {
        using var http = await Silo.CallerAsync(_tenant);
        await new SessionHttp(http, "a").CreateAsync("one");
        await new SessionHttp(http, "b").CreateAsync("one");

        var refused = await new SessionHttp(http, "c").PostAsync("/checkpoints", """{"message":"m","state":{}}""");
        refused.MustRefuse(HttpStatusCode.TooManyRequests, "quota_exceeded");
        Assert.Equal("sessions", refused.Json.GetProperty("quota").GetString());
        Assert.Equal((2, 2), (refused.Json.GetProperty("limit").GetInt32(), refused.Json.GetProperty("used").GetInt32()));
        Assert.Empty(refused.Headers["Retry-After"]);

        var (_, token) = await Silo.KeyAsync(_tenant, GivenScopes.Write);
        await using var rpc = await RpcClient.ConnectAsync(Silo.Root, configure: options => options.SetRequestHeader("Authorization", $"Bearer {token}"));
        (await rpc.CallAsync("createCheckpoint", """{"session":"c","message":"m","state":{}}""")).MustRefuse(429, "quota_exceeded");
        await using var mcp = await McpCaller.ConnectAsync(Silo.Root, token: token);
        await mcp.RefusedAsync("create_checkpoint", """{"session":"c","message":"m","state":{}}""", "quota_exceeded");
        var error = await Assert.ThrowsAsync<QuotaExceededException>(() => Session("c").CreateAsync("x"));
        Assert.Equal(("sessions", 2, 2), (error.Quota, error.Limit, error.Used));

        // Whatever would make the session.
        await RefusedAsync(() => Session("c").RunAsync(new ForkSession(SessionId.Parse("a"), 1)));
        await RefusedAsync(() => Session("c").RunAsync(new ForkSession(SessionId.Parse("a"), 1, WithHistory: true)));
        await RefusedAsync(() => Session("c").SetSettingsAsync(new SessionSettings()));
        await RefusedAsync(() => Session("c").RunAsync(new ClaimSession("w")));
        var document = await Session("a").ExportAllAsync();
        await RefusedAsync(() => Session("c").ImportAllAsync(document));
        Assert.Null(await Session("c").GetInfoAsync());

        // What is there goes on, and what goes makes room.
        await Session("a").CreateAsync("two");
        await Session("b").DeleteSessionAsync();
        await RefusedAsync(() => Session("d").RunAsync(new ForkSession(SessionId.Parse("a"), 1)), isRefused: false);
        await RefusedAsync(() => Session("b").RunAsync(new ReviveSession()));
    }

    [Fact]
    public async Task StoredBytes_OneTooMany_IsRefusedAndWhatRemovesIsNot()
    {
        var session = Session("s");
        await session.CreateAsync(Of(600));
        await session.CreateAsync(Of(400));

        var error = await Assert.ThrowsAsync<QuotaExceededException>(() => session.CreateAsync(Of(1)));
        Assert.Equal(("storedBytes", MostBytes, MostBytes), (error.Quota, error.Limit, error.Used));
        await RefusedAsync(() => session.RunAsync(new PutWrites(1, [new NewWrite { Task = "t", Name = "n", Value = "1"u8.ToArray() }])));
        await RefusedAsync(() => session.RunAsync(new RestoreCheckpoint(1) { Save = new PresentState { Message = "m", State = Make.State("s") } }));
        await session.SetTagsAsync(1, ["t"]);
        await session.AnnotateAsync(1, AnnotationSeverity.Info, "note");
        await session.RestoreAsync(1);
        Assert.Equal(2, (await session.AllAsync()).Count);

        await session.DeleteAsync(2);
        await RefusedAsync(() => session.CreateBatchAsync([Of(300), Of(101)]));
        await session.CreateBatchAsync([Of(300), Of(100)]);
        await RefusedAsync(() => session.CreateAsync(Of(1)));
        await session.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        await session.CreateAsync(Of(1));
    }

    [Fact]
    public async Task StoredBytes_ImportThatFindsNoRoomAtItsEnd_LeavesTheSessionAsItWas()
    {
        var source = Session("source");
        await source.CreateAsync(Of(600));
        var document = await source.ExportAllAsync();

        await RefusedAsync(() => Session("copy").ImportAllAsync(document));
        await Session("copy").CreateAsync("own");

        Assert.Equal("own", Assert.Single(await Session("copy").AllAsync()).Message);
        Assert.Equal(Make.State("own"), (await Session("copy").GetAsync(1))!.State.ToArray());
        var verified = await Session("copy").VerifyOnceAsync();
        Assert.Empty(verified.Damages);
    }

    [Fact]
    public async Task Import_RepeatedWithAllQuotaUsed_IsAnsweredAsTheFirst()
    {
        await Session("s").CreateAsync(Of(MostBytes));
        var document = await Session("s").ExportAllAsync();

        var repeated = await Session("s").ImportAllAsync(document);

        Assert.Equal((0, 1), (repeated.Imported, repeated.Skipped));
    }

    [Fact]
    public async Task Repeat_OfWhatWasDoneBeforeTheQuotaWasUsedUp_IsAnsweredAsTheFirst()
    {
        var create = Of(MostBytes) with { IdempotencyKey = "k" };
        var first = await Session("s").CreateAsync(create);

        Assert.Equal(first.Checkpoint!.Id, (await Session("s").CreateAsync(create)).Checkpoint!.Id);
        await RefusedAsync(() => Session("s").CreateAsync(Of(1)));
    }

    [Fact]
    public async Task Creates_ManyAtOnce_AreTakenUpToTheQuotaAndNoFurther()
    {
        var creates = Enumerable.Range(0, 20).Select(i => Session($"s{i}").CreateAsync("x")).ToList();
        await Task.WhenAll(creates.Select(create => create.ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.Equal(2, creates.Count(create => create.IsCompletedSuccessfully));
        Assert.All(creates.Where(create => create.IsFaulted), create => Assert.IsType<QuotaExceededException>(create.Exception!.InnerException));
    }

    [Fact]
    public async Task Open_TenantThatHasAllItMay_IsRefusedFromTheFirst()
    {
        await Session("a").CreateAsync("x");
        await Session("b").CreateAsync("x");

        // As another silo does, or this one once it was started again.
        using var other = new UsageMeters(
            Silo.Services.GetRequiredService<IUsage>(), Silo.Services.GetRequiredService<IOptions<UsageOptions>>(), TimeProvider.System);
        var bound = await other.OpenAsync(TenantId.Parse(_tenant));

        Assert.Throws<QuotaExceededException>(() => bound!.Require(new Amount(1, 0)));
        bound!.Require(new Amount(0, 1));
        Assert.Null(await other.OpenAsync(TenantId.Parse(QuotaSilo.Unbounded)));
    }

    [Fact]
    public async Task Usage_OfATenant_IsToldWithItsLimits()
    {
        await Session("a").CreateAsync(Of(100));
        await Session("b").CreateAsync(Of(50));
        await Session("b").DeleteSessionAsync();
        using var http = await Silo.CallerAsync(_tenant, GivenScopes.Read);
        using var response = await http.GetAsync(new Uri("/v1/usage", UriKind.Relative), Cancel);
        var usage = (await HttpAnswer.ReadAsync(response)).Json;

        Assert.Equal((1, 100), (usage.GetProperty("sessions").GetInt32(), usage.GetProperty("storedBytes").GetInt32()));
        var limits = usage.GetProperty("limits");
        Assert.Equal((2, MostBytes), (limits.GetProperty("sessions").GetInt32(), limits.GetProperty("storedBytes").GetInt32()));
    }

    [Fact]
    public async Task Changes_OfEveryKind_CountWhatTheDatabaseSums()
    {
        await Silo.Services.GetRequiredService<UsageMeters>().ReadAsync(TenantId.Parse(QuotaSilo.Large), Cancel);
        var (one, two) = (Session("one", QuotaSilo.Large), Session("two", QuotaSilo.Large));
        await one.CreateAsync("first", "a");
        var meter = Assert.IsType<UsageMeter>(await Silo.Services.GetRequiredService<UsageMeters>().OpenAsync(TenantId.Parse(QuotaSilo.Large)));
        await two.CreateBatchAsync([Make.Checkpoint("1"), Make.Checkpoint("2"), Make.Checkpoint("3")]);
        await one.CreateAsync(Make.Checkpoint("second") with { Branch = "side" });
        await one.RestoreAsync(1);
        await one.RunAsync(new PutWrites(1, [new NewWrite { Task = "task", Name = "n", Value = "12345"u8.ToArray() }]));
        await one.RunAsync(new PutWrites(1, [new NewWrite { Task = "task", Name = "n", Value = "1"u8.ToArray(), Mode = WriteMode.Replace }]));
        await one.RunAsync(new BeginEffect("k", EffectClass.Write, "request"), Cancel);
        await one.RunAsync(new RestoreCheckpoint(1) { Save = new PresentState { Message = "saved", State = Make.State("s") } });
        await two.DeleteAsync(2);
        await Session("fork", QuotaSilo.Large).RunAsync(new ForkSession(SessionId.Parse("two"), 3));
        await Session("copy", QuotaSilo.Large).RunAsync(new ForkSession(SessionId.Parse("two"), 3, WithHistory: true));
        await Session("imported", QuotaSilo.Large).ImportAllAsync(await one.ExportAllAsync());
        await two.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        await Session("cleared", QuotaSilo.Large).CreateAsync("gone");
        await Session("cleared", QuotaSilo.Large).RunAsync(new ClearSession());
        await Session("set", QuotaSilo.Large).SetSettingsAsync(new SessionSettings());
        await Session("lives", QuotaSilo.Large).CreateAsync("before");
        await Session("lives", QuotaSilo.Large).DeleteSessionAsync();
        await Session("lives", QuotaSilo.Large).RunAsync(new ReviveSession());
        await Session("deleted", QuotaSilo.Large).CreateAsync("gone");
        await Session("deleted", QuotaSilo.Large).DeleteSessionAsync();

        var known = meter.Now!.Value;
        var there = await Silo.Services.GetRequiredService<IUsage>().CountAsync(TenantId.Parse(QuotaSilo.Large), Cancel);
        Assert.Equal((there.Sessions, there.Bytes), (known.Sessions, known.Bytes));
        Assert.Equal(8, there.Sessions);
    }

    private static NewCheckpoint Of(int bytes) => Make.Checkpoint() with { State = new byte[bytes], ContentType = "application/octet-stream" };

    private static async Task RefusedAsync(Func<Task> change, bool isRefused = true)
    {
        if (isRefused)
        {
            await Assert.ThrowsAsync<QuotaExceededException>(change);
        }
        else
        {
            await change();
        }
    }

    private ISessionGrain Session(string session, string? tenant = null) => Silo.Services.GetRequiredService<IGrainFactory>()
        .GetGrain<ISessionGrain>(new SessionAddress(TenantId.Parse(tenant ?? _tenant), SessionId.Parse(session)).ToGrainKey());

    /// <summary>A silo in which each tenant may have two sessions and a thousand bytes, and is not counted again beside its changes.</summary>
    public sealed class QuotaSilo : IAsyncLifetime
    {
        /// <summary>A tenant that may have much more.</summary>
        public const string Large = "large";

        /// <summary>A tenant that may have anything.</summary>
        public const string Unbounded = "unbounded";

        internal SecuredSilo Silo { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Silo = await SecuredSilo.StartAsync(
            "Forge:Quotas:CountInterval=01:00:00", "Forge:Quotas:Sessions=2", $"Forge:Quotas:StoredBytes={MostBytes}",
            $"Forge:Quotas:Tenants:{Large}:Sessions=1000000", $"Forge:Quotas:Tenants:{Large}:StoredBytes=1000000000",
            $"Forge:Quotas:Tenants:{Unbounded}:Sessions=0", $"Forge:Quotas:Tenants:{Unbounded}:StoredBytes=0");

        public ValueTask DisposeAsync() => Silo.DisposeAsync();
    }
}
