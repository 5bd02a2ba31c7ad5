using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Terminal;

namespace Forge.Cli.Replay;

/// <summary><c>forge replay</c>.</summary>
internal static class ReplayCommand
{
    private const int DefaultWait = 60;

    public static Command Make(Surroundings surroundings)
    {
        var file = new Argument<string>("file") { Description = "Any JSON object with a 'history' array." };
        var session = Names.Text("--session", "The session; made from the file's name if not given.");
        var verify = Names.Flag("--verify", "Only read every state back and compare.");
        var hold = Names.Flag("--hold-half", "Wait for a line on the standard input once half of the steps are saved.");
        var sample = new Option<int?>("--make-sample") { Description = "Write a made-up run of this many steps to the file, and no more." };
        return new Command("replay", "Replay a recorded agent run into a session, a checkpoint for each step, and compare what comes back.")
            .Takes(file, session, verify, hold, sample)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                if (call.Get(sample) is { } steps)
                {
                    await MakeSampleAsync(call, call.Get(file), steps, cancellationToken);
                    return ExitCode.Done;
                }

                var run = await ReadAsync(call.Get(file), cancellationToken);
                var name = call.Get(session) ?? SessionOf(call.Get(file));
                var isSame = await ReplayAsync(call, run, name, call.Get(verify), call.Get(hold), cancellationToken);
                if (call.Json)
                {
                    call.Screen.Json($"{{\"session\":\"{System.Text.Json.JsonEncodedText.Encode(name)}\",\"steps\":{run.Steps},\"same\":{(isSame ? "true" : "false")}}}");
                }

                return isSame ? ExitCode.Done : ExitCode.NotTheSame;
            });
    }

    private static async Task<bool> ReplayAsync(Call call, RecordedRun run, string session, bool verifyOnly, bool hold, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromSeconds(call.Get(GlobalOptions.Wait) ?? DefaultWait);
        var silo = new SiloCalls(call.Http.Client, patience, call.Surroundings.Time, Say);
        var replay = new SessionReplay(run, session, silo, Say);
        if (!verifyOnly)
        {
            using var progress = new Progress(call.Screen, "replaying", run.Steps, Steps);
            var last = -1;
            await replay.SaveAsync(
                async saved =>
                {
                    progress.Add(last < 0 ? saved : saved - last);
                    last = saved;
                    if (hold && saved == run.Steps / 2)
                    {
                        Say($"Holding after {saved} steps; a line on standard input lets it go on.");
                        using var input = new StreamReader(call.Surroundings.Input, leaveOpen: true);
                        await input.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken);
                    }
                },
                cancellationToken);
        }

        using var reading = new Progress(call.Screen, "comparing", run.Steps, Steps);
        return await replay.VerifyAsync(() => reading.Add(1), cancellationToken);

        // At once: whoever reads it may act on it while it goes on.
        void Say(string text)
        {
            if (!call.Json)
            {
                call.Screen.Line(text);
                call.Screen.Flush();
            }
        }

        static string Steps(double count) => Said.Count((long)count, "step");
    }

    private static async Task<RecordedRun> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return RecordedRun.Parse(await File.ReadAllBytesAsync(file, cancellationToken));
        }
        catch (ReplayException exception)
        {
            throw new CliException(ExitCode.NotTaken, exception.Message, "`forge replay FILE --make-sample 100` writes a run to try.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(ExitCode.Usage, $"'{file}' cannot be read: {exception.Message}", "`forge replay FILE --make-sample 100` writes a run to try.", exception);
        }
    }

    private static async Task MakeSampleAsync(Call call, string file, int steps, CancellationToken cancellationToken)
    {
        if (file.Length == 0)
        {
            throw new CliException(ExitCode.Usage, "The file to write has no name.");
        }

        if (steps < 1)
        {
            throw new CliException(ExitCode.Usage, $"--make-sample wants a number from 1, not {steps}.");
        }

        await File.WriteAllBytesAsync(file, SampleRun.Make(steps), cancellationToken);
        if (call.Json)
        {
            call.Screen.Json($"{{\"file\":\"{System.Text.Json.JsonEncodedText.Encode(file)}\",\"steps\":{Said.Number(steps)}}}");
            return;
        }

        call.Screen.Line($"Wrote a run of {Said.Count(steps, "step")} to {Harmless.Line(file)}.");
    }

    /// <summary>The file's name with everything a session id cannot have turned into dashes.</summary>
    internal static string SessionOf(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var session = string.Concat(name.Select(c => c is > ' ' and <= '~' ? c : '-'));
        return session is "" or "." or ".." ? "replay" : session[..Math.Min(session.Length, 200)];
    }
}
