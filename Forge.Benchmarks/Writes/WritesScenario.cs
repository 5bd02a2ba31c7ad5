using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Validation;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Identity;

namespace Forge.Benchmarks.Writes;

/// <summary>What the pending writes of a step cost: of twenty tasks that write at once, beside one task alone.</summary>
internal sealed class WritesScenario : IScenario
{
    private const string Prefix = "writes";

    /// <summary>How many tasks a step has.</summary>
    private const int Tasks = 20;

    private static readonly string[] Databases = ["postgresql", "sqlite"];

    public string Name => Prefix;

    public string Summary => "the time until each of 20 tasks of a step has its pending write acknowledged, beside that of one task alone";

    public async Task RunAsync(BenchmarkRun run)
    {
        foreach (var database in Databases)
        {
            var settings = database == Databases[0]
                ? SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync())
                : SiloSettings.Sqlite(run.NewFolder());
            await using var silo = await LocalSilo.StartAsync(settings);
            var (one, many) = (new Steps(silo, $"{Prefix}.{database}.1", 1), new Steps(silo, $"{Prefix}.{database}.{Tasks}", Tasks));
            LatencySide[] sides = [one.Side(isFirst: true), many.Side(isFirst: false)];
            await new Contest(run, Prefix, run.Rounds(9, 1)) { Unit = "ms" }.RunAsync(sides);
            LatencySide.ReportTails(run, sides);
            run.Report.AddRatio($"{Prefix}.{database}", many.Name, one.Name);
        }
    }

    /// <summary>Steps of so many tasks, each under a checkpoint of its own.</summary>
    private sealed class Steps(LocalSilo silo, string name, int tasks)
    {
        /// <summary>How many steps a session has, so that it comes to fewer pending writes than it may have.</summary>
        private const int PerSession = 100;

        private static readonly byte[] Value = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

        private readonly StatePool _states = new(2048, StateKind.Random);
        private SessionHandle _session = null!;
        private CheckpointId _checkpoint;
        private long _steps;

        public string Name => name;

        public LatencySide Side(bool isFirst) => new(name, _ => Task.WhenAll(Enumerable.Range(0, tasks).Select(WriteAsync)))
        {
            IsCompiledAsItRuns = isFirst || tasks > 1,
            Prepare = BeginAsync,
            Validate = ValidateAsync,
        };

        private async Task BeginAsync(long step)
        {
            if (step % PerSession == 0)
            {
                (_session, _steps) = (silo.Client.Session($"{name}-{Guid.NewGuid():N}"), 0);
            }

            _checkpoint = (await _session.CheckpointAsync(_states.State(step), StatePool.Message(step))).Checkpoint!.Id;
            _steps++;
        }

        private async Task WriteAsync(int task)
        {
            var result = await _session.PutWritesAsync(
                _checkpoint, [new NewWrite { Task = $"task-{task}", Name = "result", Value = Value, ContentType = "application/octet-stream" }]);
            if (result.Outcomes is not [WriteOutcome.Written])
            {
                throw new ValidationException(name, $"the write of task {task} was not taken");
            }
        }

        private async Task ValidateAsync()
        {
            var found = 0L;
            await foreach (var write in _session.WritesAsync(_checkpoint))
            {
                found += write.Value.Span.SequenceEqual(Value) ? 1 : 0;
            }

            if (found != tasks || (await _session.InfoAsync())!.PendingWrites != _steps * tasks)
            {
                throw new ValidationException(name, $"there are {found} sound writes of {tasks}");
            }
        }
    }
}
