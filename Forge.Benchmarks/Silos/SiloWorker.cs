using Forge.Grains.Hosting;

namespace Forge.Benchmarks.Silos;

/// <summary>
/// The hidden verb: a silo in a process of its own, which says on standard output how its gateway is reached and ends when
/// its standard input does, so that it cannot outlive the benchmark.
/// </summary>
internal static class SiloWorker
{
    public const string Verb = "silo-process";

    public static async Task<int> RunAsync(string[] args)
    {
        var settings = args is [var database, var place, var cluster]
            ? new SiloSettings(Enum.Parse<ForgeDatabase>(database), place, cluster)
            : throw new ArgumentException("The silo process needs database, place and cluster.");
        await using var silo = await LocalSilo.StartAsync(settings);
        await Console.Out.WriteLineAsync($"{silo.GatewayPort}");
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        return 0;
    }
}
