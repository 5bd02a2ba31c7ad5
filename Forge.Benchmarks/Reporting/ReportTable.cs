using System.Globalization;
using Spectre.Console;

namespace Forge.Benchmarks.Reporting;

/// <summary>The report for people, on standard output.</summary>
internal static class ReportTable
{
    public static void Write(BenchmarkReport report)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new WideOutput(Console.Out) });
        var machine = report.Machine;
        console.WriteLine(
            $"{report.Scenario}{(report.Quick ? " (quick)" : "")} on {machine.Processor}, {machine.Cores} cores, " +
            $"{machine.MemoryGiB} GiB, {machine.System}, {machine.Runtime}, Orleans {machine.Orleans}");
        var medians = new Table().AddColumns("median of", "value", "unit", "least", "greatest");
        foreach (var finding in report.Findings)
        {
            medians.AddRow(
                Markup.Escape(finding.Name), Text(finding.Median), finding.Unit, Text(finding.Least), Text(finding.Greatest));
        }

        RightAlign(medians, 1, 3, 4);
        console.Write(medians);
        if (report.Ratios.Count > 0)
        {
            var ratios = new Table().AddColumns("ratio", "value", "of");
            foreach (var (name, value, of) in report.Ratios)
            {
                ratios.AddRow(Markup.Escape(name), value.ToString("0.000", CultureInfo.InvariantCulture), Markup.Escape(of));
            }

            RightAlign(ratios, 1);
            console.Write(ratios);
        }

        foreach (var note in report.Notes)
        {
            console.WriteLine($"Note: {note}");
        }
    }

    private static void RightAlign(Table table, params int[] columns)
    {
        foreach (var column in columns)
        {
            table.Columns[column].RightAligned();
        }
    }

    private static string Text(double value) => value.ToString(
        Math.Abs(value) >= 100 ? "#,0" : Math.Abs(value) >= 1 ? "0.00" : "0.0000", CultureInfo.InvariantCulture);

    /// <summary>Names are long; a row that is cut in two when output is a file would be of use to nobody.</summary>
    private sealed class WideOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _output = new(writer);

        public TextWriter Writer => _output.Writer;

        public bool IsTerminal => _output.IsTerminal;

        public int Width => Math.Max(_output.Width, 200);

        public int Height => _output.Height;

        public void SetEncoding(System.Text.Encoding encoding) => _output.SetEncoding(encoding);
    }
}
