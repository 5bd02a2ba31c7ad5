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

    private string Scrub(string text) => Varying.Scrub(
        text.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace("\u001b", "<ESC>", StringComparison.Ordinal));

    [GeneratedRegex(@"(?:[^\s']|'[^']*')+")]
    private static partial Regex Words();

    [GeneratedRegex(@"^(@?)([\w.-]+\.(?:json|ndjson|gz|txt))$")]
    private static partial Regex File();
}
