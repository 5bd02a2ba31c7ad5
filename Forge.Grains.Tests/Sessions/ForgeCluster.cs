using System.Collections.Concurrent;
using Forge.Checkpoints;
using Forge.Grains.Hosting;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;
using Forge.Tenants;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Forge.Grains.Tests.Sessions;

/// <summary>A test cluster of Forge silos on one database.</summary>
public sealed class ForgeCluster : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, ClusterSetup> Setups = new();

    private readonly string _setup;

    private ForgeCluster(TestCluster cluster, string setup) => (Cluster, _setup) = (cluster, setup);

    public TestCluster Cluster { get; }

    public IGrainFactory Grains => Cluster.GrainFactory;

    internal static async Task<ForgeCluster> StartAsync(ClusterSetup setup)
    {
        var id = Guid.NewGuid().ToString("N");
        Setups[id] = setup;
        var builder = new TestClusterBuilder((short)setup.Silos);
        builder.ConfigureHostConfiguration(host => host.AddInMemoryCollection([new(nameof(ClusterSetup), id)]));
        builder.AddSiloBuilderConfigurator<SiloConfigurator>();
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new ForgeCluster(cluster, id);
    }

    public ISessionGrain Session(string session, string tenant = "default") => Grains.GetGrain<ISessionGrain>(
        new SessionAddress(TenantId.Parse(tenant), SessionId.Parse(session)).ToGrainKey());

    public ITenantGrain Tenant(string tenant) =>
        Grains.GetGrain<ITenantGrain>(SessionAddress.ToGrainKey(TenantId.Parse(tenant)));

    public Task<CheckpointDifference> DiffAsync(
        ISessionGrain session, CheckpointReference from, CheckpointReference to, string? other = null,
        CancellationToken cancellationToken = default) =>
        Grains.GetGrain<IDifferenceGrain>(session.GetPrimaryKeyString()).DiffAsync(
            new DiffCheckpoints(from, to, other is null ? null : SessionId.Parse(other)), cancellationToken);

    /// <summary>A service of one silo.</summary>
    internal T Service<T>(int silo = 0)
        where T : notnull => ((InProcessSiloHandle)Cluster.Silos[silo]).SiloHost.Services.GetRequiredService<T>();

    /// <summary>Has one silo do all the work that is due.</summary>
    public Task SweepAsync(int silo = 0) => Service<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>(silo)
        .OfType<Grains.Upkeep.Sweeper>().Single().SweepAsync(TestContext.Current.CancellationToken);

    /// <summary>Has all silos write down which sessions were active.</summary>
    public async Task NoteActivityAsync()
    {
        for (var silo = 0; silo < Cluster.Silos.Count; silo++)
        {
            await Service<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>(silo)
                .OfType<Grains.Activity.ActivityNoter>().Single().NoteAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Sweeps until the rows of what was removed from a session are gone: the background may have claimed the work, and is done with
    /// it soon.
    /// </summary>
    public async Task SweepUntilGoneAsync(string session)
    {
        var (store, cancel) = (Service<IHistoryStore>(), TestContext.Current.CancellationToken);
        var head = await store.Reads.ReadHeadAsync(new SessionAddress(TenantId.Default, SessionId.Parse(session)), cancel);
        do
        {
            await SweepAsync();
        }
        while (await store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, head!.Head.Key, cancel) is not null);
    }

    /// <summary>Ends all activations that nobody uses.</summary>
    public Task EndActivationsAsync() => Grains.GetGrain<Orleans.Runtime.IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    public async ValueTask DisposeAsync()
    {
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
        Setups.TryRemove(_setup, out _);
    }

    private sealed class SiloConfigurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            var setup = Setups[siloBuilder.Configuration[nameof(ClusterSetup)]!];
            if (setup.Time is { } time)
            {
                siloBuilder.Services.AddSingleton(time);
            }

            siloBuilder.AddForgeGrains(setup.Configure);
            setup.Services?.Invoke(siloBuilder.Services);
            if (setup.Decorate is { } decorate)
            {
                var made = siloBuilder.Services.Last(s => s.ServiceType == typeof(IHistoryStore)).ImplementationFactory!;
                siloBuilder.Services.AddSingleton(services => decorate((IHistoryStore)made(services)));
            }
        }
    }
}

/// <summary>What a test cluster is made of.</summary>
internal sealed record ClusterSetup(int Silos, Action<ForgeOptions> Configure)
{
    /// <summary>Puts something between the grains and the store of each silo.</summary>
    public Func<IHistoryStore, IHistoryStore>? Decorate { get; init; }

    /// <summary>Changes what each silo is made of, last of all.</summary>
    public Action<IServiceCollection>? Services { get; init; }

    /// <summary>The silos' clock; the system's if it is null.</summary>
    public TimeProvider? Time { get; init; }
}

/// <summary>Makes checkpoints for tests.</summary>
internal static class Make
{
    public static byte[] State(string text) => System.Text.Encoding.UTF8.GetBytes($"{{\"text\":\"{text}\"}}");

    public static NewCheckpoint Checkpoint(string text = "x", params string[] tags) => new()
    {
        Message = text,
        State = State(text),
        Tags = tags,
    };

    public static async Task<CheckpointSummary> CreateAsync(this ISessionGrain session, string text = "x", params string[] tags) =>
        (await session.CreateAsync(Checkpoint(text, tags))).Checkpoint!;

    public static async Task<List<CheckpointSummary>> AllAsync(this ISessionGrain session, CheckpointQuery? query = null)
    {
        query ??= new CheckpointQuery { Order = ListOrder.OldestFirst, Limit = 1000 };
        var all = new List<CheckpointSummary>();
        do
        {
            var page = await session.ListAsync(query);
            all.AddRange(page.Items);
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
        return all;
    }

    public static async Task<Forge.Integrity.VerifyResult> VerifyOnceAsync(this ISessionGrain session, params Anchor[] anchors)
    {
        await foreach (var result in session.VerifyAsync(anchors))
        {
            return result;
        }

        throw new InvalidOperationException("there was no result");
    }

    public static async Task<byte[]> ExportAllAsync(this ISessionGrain session)
    {
        var document = new MemoryStream();
        await foreach (var piece in session.ExportAsync())
        {
            document.Write(piece);
        }

        return document.ToArray();
    }

    public static async Task<Forge.Portability.ImportResult> ImportAllAsync(this ISessionGrain session, byte[] document, int pieceBytes = 1000)
    {
        var ticket = await session.BeginImportAsync();
        for (int at = 0, index = 0; at < document.Length; at += pieceBytes, index++)
        {
            await session.AppendImportAsync(ticket, index, document.AsMemory(at, Math.Min(pieceBytes, document.Length - at)));
        }

        return await session.CompleteImportAsync(ticket);
    }

    public static string Id(string prefix = "s") => $"{prefix}-{Guid.NewGuid():N}";
}
