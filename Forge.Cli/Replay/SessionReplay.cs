using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Forge.Cli.Hosting;
using Forge.Cli.Http;

namespace Forge.Cli.Replay;

/// <summary>Brings a recorded run into a session, and reads it back.</summary>
/// <param name="run">The run.</param>
/// <param name="session">The session, which must be new or hold the beginning of the same run.</param>
/// <param name="silo">Where the session is.</param>
/// <param name="say">Tells the person who started it.</param>
internal sealed class SessionReplay(RecordedRun run, string session, SiloCalls silo, Action<string> say)
{
    private const int MostDifferencesNamed = 5;

    private readonly string _checkpoints = Query.Session(session, "/checkpoints");

    /// <summary>Saves the steps that the session does not have yet.</summary>
    /// <param name="hold">Awaited after each step with the number of steps saved.</param>
    /// <param name="cancellationToken">Ends it after the step under way.</param>
    /// <exception cref="CliException">The session holds something else, or the silo refused a step.</exception>
    public async Task SaveAsync(Func<int, Task> hold, CancellationToken cancellationToken)
    {
        var next = await NextStepAsync(cancellationToken);
        say(next == 0
            ? $"Replaying {run.Steps} steps into session {session}."
            : $"Session {session} has {next} of {run.Steps} steps; going on there.");
        for (var step = next; step < run.Steps; step++)
        {
            var body = BodyOf(step);
            await silo.SendAsync(() => Create(step, body), cancellationToken);
            await hold(step + 1);
        }
    }

    /// <summary>Reads every state back; true if each is the saved one byte for byte, in order, and there are no others.</summary>
    /// <param name="read">Told after each state that was read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> VerifyAsync(Action read, CancellationToken cancellationToken)
    {
        var differences = 0;
        var bytes = 0L;
        for (var step = 0; step < run.Steps; step++)
        {
            var expected = run.StateOf(step);
            var actual = await StateAsync((step + 1).ToString(CultureInfo.InvariantCulture), cancellationToken);
            bytes += actual?.Length ?? 0;
            Compare($"Checkpoint {step + 1}, step {step}", expected, actual);
            read();
        }

        Compare("The latest checkpoint", run.StateOf(run.Steps - 1), await StateAsync("latest", cancellationToken));
        if (await StateAsync((run.Steps + 1).ToString(CultureInfo.InvariantCulture), cancellationToken) is not null)
        {
            differences++;
            say($"Session {session} has more than {run.Steps} checkpoints.");
        }

        say(differences == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{run.Steps} states ({bytes:N0} bytes) of session {session} came back byte for byte.")
            : $"{differences} differences in session {session}.");
        return differences == 0;

        void Compare(string what, byte[] expected, byte[]? actual)
        {
            if (actual is not null && actual.AsSpan().SequenceEqual(expected))
            {
                return;
            }

            if (++differences <= MostDifferencesNamed)
            {
                say(actual is null
                    ? $"{what} is missing."
                    : $"{what} differs at byte {actual.AsSpan().CommonPrefixLength(expected)}: {actual.Length} bytes came back, {expected.Length} were saved.");
            }
        }
    }

    private async Task<int> NextStepAsync(CancellationToken cancellationToken)
    {
        if (await StateAsync("latest", cancellationToken) is not { } latest)
        {
            return 0;
        }

        var step = StepOf(latest);
        return step >= 0 && step < run.Steps && latest.AsSpan().SequenceEqual(run.StateOf(step))
            ? step + 1
            : throw new CliException(ExitCode.Conflict, $"Session {session} holds something else than this run.", "Name another one with --session.");
    }

    private static int StepOf(byte[] state)
    {
        try
        {
            using var json = JsonDocument.Parse(state, new JsonDocumentOptions { MaxDepth = 1_000 });
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("step", out var step)
                && step.ValueKind == JsonValueKind.Number
                && step.TryGetInt32(out var number)
                    ? number
                    : -1;
        }
        catch (JsonException)
        {
            // Whatever it is, it is no step of a run.
            return -1;
        }
    }

    private Task<byte[]?> StateAsync(string checkpoint, CancellationToken cancellationToken) =>
        silo.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, new Uri($"{_checkpoints}/{checkpoint}/state", UriKind.Relative)),
            cancellationToken);

    private byte[] BodyOf(int step)
    {
        var head = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{{\"message\":\"step {step}\",\"tags\":[\"replay\"],\"state\":"));
        return [.. head, .. run.StateOf(step), .. "}"u8];
    }

    private HttpRequestMessage Create(int step, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_checkpoints, UriKind.Relative))
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);

        // A step that was saved and whose answer was lost is answered again, and not saved twice.
        request.Headers.Add("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"replay-step-{step}"));
        return request;
    }
}
