using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Forge.Testing.Processes;

/// <summary>
/// A worker of a session as a process of its own: it creates one checkpoint after another over HTTP under the epoch of its claim, each
/// again until it is answered, and ends with the first that is refused. It can be frozen at any instant, and thawed. It is a shell with
/// curl, which begins at once.
/// </summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    private const string Script = """
        n=1
        while :; do
            answer=$(curl -s -w ' %{http_code}' -H 'Content-Type: application/json' -H "Forge-Epoch: $2" -H "Idempotency-Key: $3-$n" \
                --data-binary "{\"message\":\"$3 $n\",\"state\":$n}" "$1/checkpoints")
            code=${answer##* }
            case $code in
                200|201) echo "$code ${answer% *}"; n=$((n + 1)) ;;
                000|5*|429) ;;
                *) echo "$code ${answer% *}"; exit ;;
            esac
        done
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly ConcurrentQueue<(int Status, JsonElement Answer)> _answers = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;
    private volatile Awaited? _awaited;

    /// <summary>Starts it.</summary>
    /// <param name="session">The address of the session, without a slash behind it.</param>
    /// <param name="epoch">The epoch of its claim.</param>
    /// <param name="name">What its messages begin with; letters and digits.</param>
    public WorkerProcess(Uri session, long epoch, string name)
    {
        ArgumentNullException.ThrowIfNull(session);

        // A group of its own, so that what it runs is frozen with it.
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                "setsid", ["bash", "-c", Script, "worker", session.ToString(), epoch.ToString(CultureInfo.InvariantCulture), name])
            {
                RedirectStandardOutput = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Receive(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
    }

    /// <summary>What it was answered, in order: the status and the body.</summary>
    public IReadOnlyList<(int Status, JsonElement Answer)> Answers => [.. _answers];

    /// <summary>Over once it was answered so often.</summary>
    public async Task UntilAnsweredAsync(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited = new Awaited(count, reached);
        Tell();
        await reached.Task.WaitAsync(Patience);
    }

    /// <summary>Stops it where it is. What it has sent may still be carried out.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    /// <summary>Lets it go on.</summary>
    public Task ThawAsync() => SignalAsync("-CONT");

    /// <summary>Over once it has ended by itself, with all that it printed.</summary>
    public async Task UntilOverAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _over.Task.WaitAsync(Patience);
    }

    /// <summary>Kills it if it runs, frozen or not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await SignalAsync("-KILL");
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, "--", $"-{_process.Id}"]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0 && !_process.HasExited)
        {
            throw new InvalidOperationException($"The worker could not be sent {signal}.");
        }
    }

    private void Receive(string? line)
    {
        if (line is null)
        {
            _over.TrySetResult();
            return;
        }

        var space = line.IndexOf(' ', StringComparison.Ordinal);
        _answers.Enqueue((int.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture), JsonDocument.Parse(line[space..]).RootElement));
        Tell();
    }

    private void Tell()
    {
        if (_awaited is { } awaited && _answers.Count >= awaited.Count)
        {
            awaited.Reached.TrySetResult();
        }
    }

    private sealed record Awaited(int Count, TaskCompletionSource Reached);
}
