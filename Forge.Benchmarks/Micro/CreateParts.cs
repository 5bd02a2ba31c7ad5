using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Forge.Benchmarks.Appending;
using Forge.Checkpoints;
using Forge.Grains.Hosting;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Telemetry;
using Forge.History.Writing;
using Forge.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;

namespace Forge.Benchmarks.Micro;

/// <summary>Each method is one part of one create of 2 KB.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Maintainability", "CA1515", Justification = "BenchmarkDotNet calls it from code that it makes.")]
public class CreateParts : IAsyncDisposable
{
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("micro"));

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly byte[] _state = new StatePool(2048, StateKind.Random).State(0);
    private readonly SessionRules _rules = new(new LimitsOptions());
    private readonly SessionEngine _engine = NewEngine();
    private readonly HistoryWriter _writer =
        new(new NoCommits(), new WriterOptions(), TimeProvider.System, new HistoryInstruments(null), NullLogger<HistoryWriter>.Instance);
    private readonly SessionCommit[] _commits = [.. Enumerable.Range(0, 200).Select(i => CommitOf($"micro-{i}"))];
    private Serializer? _serializer;
    private NewCheckpoint? _request;
    private byte[] _written = [];

    /// <summary>Makes what the methods work on.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _serializer = new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();
        _request = new NewCheckpoint { Id = CheckpointId.Create(_now), FirstAttempt = true, Message = "step 1", State = _state };
        _written = _serializer.SerializeToArray(_request);
    }

    /// <summary>Ends what the methods worked on.</summary>
    [GlobalCleanup]
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _writer.DisposeAsync();
    }

    /// <summary>The checksum.</summary>
    [Benchmark(Description = "sha256-2KB")]
    public byte[] Checksum() => SHA256.HashData(_state);

    /// <summary>The id.</summary>
    [Benchmark(Description = "new-id")]
    public CheckpointId NewId() => CheckpointId.Create(_now);

    /// <summary>From the request to a checked command, with the checksum.</summary>
    [Benchmark(Description = "check-request")]
    public object CheckRequest() => _rules.ToCommand(Address, _request!, null, () => CheckpointId.Create(_now));

    /// <summary>The engine's part: decide, take for a commit, settle.</summary>
    [Benchmark(Description = "engine-create-and-commit")]
    public object EngineCreate() => CreateAndCommit(_engine);

    /// <summary>The request as it is written for a silo in another process.</summary>
    [Benchmark(Description = "serialize-request-2KB")]
    public byte[] Serialize() => _serializer!.SerializeToArray(_request!);

    /// <summary>The request as a silo reads it.</summary>
    [Benchmark(Description = "deserialize-request-2KB")]
    public object Deserialize() => _serializer!.Deserialize<NewCheckpoint>(_written)!;

    /// <summary>The group commit of one session on a store that does nothing.</summary>
    [Benchmark(Description = "writer-1-commit")]
    public Task WriteOne() => _writer.WriteAsync(_commits[0]);

    /// <summary>The group commit of 200 sessions at once on a store that does nothing; the time is that of one of them.</summary>
    [Benchmark(Description = "writer-200-commits", OperationsPerInvoke = 200)]
    public Task WriteMany() => Task.WhenAll(_commits.Select(_writer.WriteAsync));

    private static SessionEngine NewEngine()
    {
        var engine = new SessionEngine(Address, committed: null, TimeSpan.FromHours(24), mostBranches: 1000);
        engine.AssignKey(1);
        return engine;
    }

    private static SessionCommit CreateAndCommit(SessionEngine engine)
    {
        var now = TimeProvider.System.GetUtcNow();
        engine.Create([CommandOf(now)], [null], now, TimeSpan.Zero);
        var commit = engine.BeginCommit(1000, 1 << 20)!;
        engine.EndCommit(commit, new CommitOutcome(CommitStatus.Committed));
        return commit;
    }

    private static SessionCommit CommitOf(string session) =>
        CreateAndCommit(NewEngine()) with { Address = new SessionAddress(TenantId.Default, SessionId.Parse(session)) };

    private static CreateCommand CommandOf(DateTimeOffset now) => new(
        new() { Id = CheckpointId.Create(now), FirstAttempt = true, Message = "step 1", State = new byte[16], ContentType = "application/octet-stream" },
        new byte[32]);
}
