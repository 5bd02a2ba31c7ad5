using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Micro;

/// <summary>The parts of a create inside the process, each alone, by BenchmarkDotNet.</summary>
internal sealed class MicroScenario : IScenario
{
    private const string Prefix = "micro.";

    public string Name => "micro";

    public string Summary => "the parts of a create inside the process: checksum, engine, serialisation, group commit";

    public async Task RunAsync(BenchmarkRun run)
    {
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        var config = ManualConfig.CreateEmpty()
            .AddJob(run.Arguments.Quick ? job.WithIterationCount(1).WithWarmupCount(1) : job)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(run.NewFolder())
            .WithOptions(ConfigOptions.DisableLogFile);
        run.Progress.Expect(1);
        await run.Progress.StepAsync("micro", async () =>
        {
            var summary = await Task.Run(() => BenchmarkRunner.Run<CreateParts>(config));
            foreach (var report in summary.Reports)
            {
                var name = Prefix + report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo;
                var statistics = report.ResultStatistics
                    ?? throw new InvalidOperationException($"{name} did not run; BenchmarkDotNet says {string.Join("; ", summary.ValidationErrors)}");
                run.Report.Add(name, "ns", statistics.Median);
                run.Report.Add($"{name}.allocated", "bytes", report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);
            }
        });
    }
}
