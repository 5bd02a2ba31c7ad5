using Forge.Benchmarks.Frozen;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

return args switch
{
    [SiloWorker.Verb, .. var rest] => await SiloWorker.RunAsync(rest),
    [FrozenWorker.Verb, .. var rest] => await FrozenWorker.RunAsync(rest),
    _ => await BenchmarkProgram.RunAsync(args),
};
