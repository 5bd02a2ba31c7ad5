using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Forge.Grains.Tests.CommandLine;

namespace Forge.Grains.Tests.Guide;

/// <summary>
/// A page of commands that build on each other. Those of a <c>sh</c> block have to succeed; those of a <c>console</c> block stand behind <c>$</c>, each
/// above what it answers.
/// </summary>
internal sealed partial class GuidePage(string text)
{
    private const string Prompt = "$ ";

    private readonly List<string> _parts = Parts(text);

    /// <summary>The program that the page has its reader save.</summary>
    public string Program => _parts.Single(part => part.StartsWith("```csharp\n", StringComparison.Ordinal))["```csharp\n".Length..^"```".Length];

    /// <summary>All commands as a script for one shell, which says before each of them how the one before ended.</summary>
    public string ToScript(string marker)
    {
        var script = new StringBuilder();
        foreach (var command in _parts.SelectMany(CommandsOf))
        {
            script.Append(CultureInfo.InvariantCulture, $"{command}\nprintf '{marker} %d\\n' $?\n");
        }

        return script.ToString();
    }

    /// <summary>The page as it ought to be by what the script wrote.</summary>
    /// <param name="output">What it wrote.</param>
    /// <param name="marker">What it says between the commands.</param>
    public string With(string output, string marker)
    {
        var answers = new Queue<string>(Regex.Split(Killed().Replace(output, ""), $"(?<={Regex.Escape(marker)} [0-9]+\n)"));
        var page = new StringBuilder();
        foreach (var part in _parts)
        {
            if (!IsConsole(part))
            {
                page.Append(part);

                // What a build says is no part of the page, but that it did not succeed would be.
                foreach (var _ in CommandsOf(part))
                {
                    page.Append(StatusOf(answers, marker, out var said) is 0 ? "" : $"\n{said}");
                }

                continue;
            }

            page.Append("```console\n");
            foreach (var command in CommandsOf(part))
            {
                var status = StatusOf(answers, marker, out var said);
                page.Append(CultureInfo.InvariantCulture, $"{Prompt}{command}\n{Varying.Scrub(said)}{(status == 0 ? "" : $"(exit {status})\n")}");
            }

            page.Append("```");
        }

        return page.ToString();
    }

    private static int StatusOf(Queue<string> answers, string marker, out string said)
    {
        var answer = answers.TryDequeue(out var next) ? next : "";
        var end = answer.LastIndexOf(marker, StringComparison.Ordinal);
        said = end < 0 ? answer : answer[..end];
        return end < 0 ? -1 : int.Parse(answer[(end + marker.Length)..], CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> CommandsOf(string part) => IsConsole(part)
        ? part.Split('\n').Where(line => line.StartsWith(Prompt, StringComparison.Ordinal)).Select(line => line[Prompt.Length..])
        : part.StartsWith("```sh\n", StringComparison.Ordinal) ? [part["```sh\n".Length..^"\n```".Length]] : [];

    private static bool IsConsole(string part) => part.StartsWith("```console\n", StringComparison.Ordinal);

    private static List<string> Parts(string text) => [.. Block().Split(text)];

    [GeneratedRegex("(^```[a-z]+\n(?:.*\n)*?```(?=\n))", RegexOptions.Multiline)]
    private static partial Regex Block();

    /// <summary>What a shell that nobody types into says when one of its jobs was killed.</summary>
    [GeneratedRegex("^.*: line [0-9]+: +[0-9]+ Killed .*\n", RegexOptions.Multiline)]
    private static partial Regex Killed();
}
