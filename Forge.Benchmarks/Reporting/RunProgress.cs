using Spectre.Console;

namespace Forge.Benchmarks.Reporting;

/// <summary>The progress bar, on standard error.</summary>
internal sealed class RunProgress
{
    private readonly ProgressTask _bar;
    private double _expected;

    private RunProgress(ProgressTask bar) => _bar = bar;

    public static Task ShowAsync(Func<RunProgress, Task> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context => work(new RunProgress(context.AddTask("prepare", maxValue: 1))));
    }

    /// <summary>Says that so many more steps are to come.</summary>
    public void Expect(int steps)
    {
        _expected += steps;
        _bar.MaxValue = _expected;
    }

    /// <summary>Does one of the expected steps.</summary>
    public async Task StepAsync(string description, Func<Task> step)
    {
        _bar.Description = Markup.Escape(description);
        await step();
        _bar.Increment(1);
    }
}
