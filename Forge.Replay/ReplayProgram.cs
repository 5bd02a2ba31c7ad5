namespace Forge.Replay;

internal static class ReplayProgram
{
    private const int Same = 0;
    private const int Different = 1;
    private const int NotDone = 2;

    public static async Task<int> Main(string[] args)
    {
        if (args is [] or ["--help"] or ["-h"])
        {
            Console.WriteLine(ReplayArguments.Usage);
            return args.Length == 0 ? NotDone : Same;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            stop.Cancel();
        };
        try
        {
            return await RunAsync(ReplayArguments.Parse(args), stop.Token);
        }
        catch (Exception exception) when (exception is ReplayException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return NotDone;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped; the same command goes on from here.");
            return NotDone;
        }
    }

    private static async Task<int> RunAsync(ReplayArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.SampleSteps is { } steps)
        {
            await File.WriteAllBytesAsync(arguments.File, SampleRun.Make(steps), cancellationToken);
            Console.WriteLine($"Wrote a run of {steps} steps to {arguments.File}.");
            return Same;
        }

        var run = RecordedRun.Parse(await File.ReadAllBytesAsync(arguments.File, cancellationToken));
        using var http = new HttpClient { BaseAddress = arguments.Url };
        var silo = new SiloCalls(http, arguments.Wait, TimeProvider.System, Console.WriteLine);
        var replay = new SessionReplay(run, arguments.Session, silo, Console.WriteLine);
        if (!arguments.VerifyOnly)
        {
            var hold = arguments.HoldHalf ? run.Steps / 2 : -1;
            await replay.SaveAsync(
                saved => saved == hold ? HoldAsync(saved, cancellationToken) : Task.CompletedTask, cancellationToken);
        }

        return await replay.VerifyAsync(cancellationToken) ? Same : Different;
    }

    private static async Task HoldAsync(int saved, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Holding after {saved} steps; a line on standard input lets it go on.");
        await Console.In.ReadLineAsync(cancellationToken);
    }
}
