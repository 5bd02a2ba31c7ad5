using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

return args is [SiloWorker.Verb, .. var rest]
    ? await SiloWorker.RunAsync(rest)
    : await BenchmarkProgram.RunAsync(args);
