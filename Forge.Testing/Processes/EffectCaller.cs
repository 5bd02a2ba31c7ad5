using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Forge.Testing.Processes;

/// <summary>
/// A caller of an effect as a process of its own: begins it over HTTP, acts on a target that is a file, and records the result. It can be
/// killed at an instant that it is told, by itself and with SIGKILL, or at any other by whoever bounds its life. It is a shell with curl.
/// </summary>
public static class EffectCaller
{
    private const string Script = """
        url=$1; stop=$2; target=$3
        post() { curl -s -H 'Content-Type: application/json' --data-binary "$2" "$url/$1"; }
        die() { if [ "$stop" = "$1" ]; then kill -KILL $$; fi; }
        die before-begin
        answer=$(post begin '{"class":"write","request":"r","lease":"PT1S"}')
        die after-begin
        case $answer in
            *'"begun":true'*)
                epoch=${answer#*'"epoch":'}; epoch=${epoch%%,*}
                echo "$url" >> "$target"
                die in-run
                : "the act goes on"
                die before-complete
                answer=$(post complete "{\"epoch\":$epoch,\"result\":$epoch}")
                die after-complete
                ;;
        esac
        echo "$answer"
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The instants at which it can be told to kill itself.</summary>
    public static IReadOnlyList<string> Instants { get; } = ["before-begin", "after-begin", "in-run", "before-complete", "after-complete"];

    /// <summary>Runs one to its end.</summary>
    /// <param name="effect">The address of the effect, without a slash behind it.</param>
    /// <param name="target">The file that it acts on: a line for each act, which is the address.</param>
    /// <param name="instant">The instant at which it kills itself; null for none.</param>
    /// <param name="life">How long it lives at the most; null for as long as it takes.</param>
    /// <returns>What it was answered last; null if it was killed.</returns>
    public static async Task<JsonElement?> RunAsync(Uri effect, string target, string? instant = null, TimeSpan? life = null)
    {
        ArgumentNullException.ThrowIfNull(effect);
        string[] call = ["bash", "-c", Script, "caller", effect.ToString(), instant ?? "never", target];
        using var process = Process.Start(life is { } time
            ? new ProcessStartInfo("timeout", ["-s", "KILL", time.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture), .. call])
            {
                RedirectStandardOutput = true,
            }
            : new ProcessStartInfo(call[0], call[1..]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode == 0 && output.Length > 1 ? JsonDocument.Parse(output).RootElement : null;
    }
}
