using System.Text;
using System.Text.RegularExpressions;
using Forge.Cli.Hosting;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>
/// Commands as a person gives them, with what is answered: lines that begin with <c>$ forge</c>, each followed by its output, its notes and errors, and
/// its exit code if that is not 0. A line that begins with <c>%</c> says what the next commands write to.
/// </summary>
internal sealed partial class Transcript(CommandLineRun run, string folder)
{
    private const string Prompt = "$ forge ";

    /// <summary>Runs the commands of a text and answers it as it ought to be: anything that is not of a command stays.</summary>
    public async Task<string> ReplayAsync(string expected)
    {
        var actual = new StringBuilder();
        var isOfCommand = false;
        foreach (var line in expected.Split('\n'))
        {
            if (line.StartsWith(Prompt, StringComparison.Ordinal))
            {
                actual.Append(line).Append('\n').Append(await RunAsync(line[Prompt.Length..]));
                isOfCommand = true;
            }
            else if (!isOfCommand || line.StartsWith('%') || line == "```")
            {
                isOfCommand = false;
                SetOutput(line);
                actual.Append(line).Append('\n');
            }
        }

        return actual.ToString();
    }

    private void SetOutput(string line)
    {
        if (line.StartsWith("% terminal ", StringComparison.Ordinal))
        {
            run.Terminal = int.Parse(line["% terminal ".Length..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
            run.Variables["NO_COLOR"] = line.EndsWith(" color", StringComparison.Ordinal) ? "" : "1";
        }
        else if (line == "% pipe")
        {
            run.Terminal = null;
        }
    }

    private async Task<string> RunAsync(string command)
    {
        var words = Words().Matches(command).Select(match => Unquote(match.Value)).ToList();
        run.Input = [];
        if (words.IndexOf("<<<") is >= 0 and var here)
        {
            run.Input = Encoding.UTF8.GetBytes(words[here + 1] + "\n");
            words.RemoveRange(here, 2);
        }

        var result = await run.RunAsync([.. words.Select(InFolder)]);
        var code = result.Code == ExitCode.Done ? "" : $"(exit {(int)result.Code})\n";
        return Scrub($"{Whole(result.Text)}{Whole(result.Error)}{code}");
    }

    /// <summary>Files lie in a folder of the test.</summary>
    private string InFolder(string word) => File().Replace(word, match => $"{match.Groups[1].Value}{Path.Combine(folder, match.Groups[2].Value)}");

    private static string Unquote(string word) => word.Replace("'", "", StringComparison.Ordinal);

    private static string Whole(string text) => text.Length == 0 || text.EndsWith('\n') ? text : text + "\n";

    /// <summary>What differs from one time to the next, in its length.</summary>
    private string Scrub(string text)
    {
        text = text.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace("\u001b", "<ESC>", StringComparison.Ordinal);
        text = WireTime().Replace(text, "2026-01-01T00:00:00Z");
        text = Written().Replace(text, "Wrote <size> to");
        text = Time().Replace(text, "2026-01-01 00:00:00Z");
        text = Id().Replace(text, "0198b1f2-0000-7000-8000-000000000000");
        text = Hash().Replace(text, "<64 digits>");
        return Port().Replace(text, "http://127.0.0.1:5080");
    }

    [GeneratedRegex(@"(?:[^\s']|'[^']*')+")]
    private static partial Regex Words();

    [GeneratedRegex(@"^(@?)([\w.-]+\.(?:json|ndjson|gz|txt))$")]
    private static partial Regex File();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")]
    private static partial Regex Time();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")]
    private static partial Regex WireTime();

    [GeneratedRegex("Wrote [0-9.]+ [KMi]*B to")]
    private static partial Regex Written();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Hash();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Port();
}
