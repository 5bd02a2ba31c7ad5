using System.Collections.Concurrent;
using System.Globalization;
using Forge.Benchmarks.Silos;
using Forge.Client;
using Forge.Errors;
using Forge.Grains.Hosting;

namespace Forge.Benchmarks.Frozen;

/// <summary>
/// The hidden verb: a worker in a process of its own. For each session that is named on its standard input it claims it, and lets several
/// callers create in it until each is told that its claim was superseded. It says each step on its standard output.
/// </summary>
internal static class FrozenWorker
{
    public const string Verb = "frozen-worker";
    public const string Claimed = "claimed";
    public const string Created = "created";
    public const string Superseded = "superseded";
    public const string Name = "first";

    private const int Callers = 4;

    public static async Task<int> RunAsync(string[] args)
    {
        var (settings, ports) = args is [var database, var place, var cluster, .. var gateways]
            ? (new SiloSettings(Enum.Parse<ForgeDatabase>(database), place, cluster),
                gateways.Select(port => int.Parse(port, CultureInfo.InvariantCulture)).ToList())
            : throw new ArgumentException("The worker needs database, place, cluster and gateways.");
        await using var forge = await RemoteForge.ConnectAsync(settings, ports);
        while (await Console.In.ReadLineAsync() is { } session)
        {
            await WorkAsync(forge.Client.Session(session));
        }

        return 0;
    }

    private static async Task WorkAsync(SessionHandle session)
    {
        var claimed = await session.ClaimAsync(Name);
        await Console.Out.WriteLineAsync($"{Claimed} {claimed.Epoch}");
        var told = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            for (var n = 1; ; n++)
            {
                try
                {
                    var made = await claimed.CheckpointAsync(n, $"{Name} {caller} {n}");
                    await Console.Out.WriteLineAsync($"{Created} {made.Checkpoint!.Sequence}");
                }
                catch (ClaimSupersededException refusal)
                {
                    told.Add(refusal.Owner ?? "");
                    return;
                }
            }
        }));
        await Console.Out.WriteLineAsync($"{Superseded} {string.Join(',', told.Distinct())}");
    }
}
