using System.Globalization;
using System.Text.Json.Nodes;

namespace Forge.Benchmarks.Transcripts;

/// <summary>The tools that a made agent calls, with what they answer.</summary>
internal sealed class MadeTools(MadeText text)
{
    public (string Name, JsonObject Arguments, string Answer) Use() => text.Number(10) switch
    {
        0 or 1 => ("bash", Command($"grep -rn \"{text.Name()}\" src tests"), Lines(3 + text.Number(10), Found)),
        2 or 3 => Opened(),
        4 or 5 => ("edit", Edit(), $"Text replaced in {text.Path()}, {text.Number(400)} lines in all. {text.Sentences(1)}"),
        6 or 7 => ("bash", Command($"python -m pytest {text.Path()} -k {text.Name()}"), Lines(4 + text.Number(10), Tested)),
        8 => ("search_issues", new JsonObject { ["query"] = text.Sentences(1), ["limit"] = 5 }, Issues()),
        _ => ("bash", Command($"tail -n 12 logs/{text.Name()}.log"), Lines(4 + text.Number(8), Logged)),
    };

    private static JsonObject Command(string command) => new() { ["command"] = command };

    private (string Name, JsonObject Arguments, string Answer) Opened()
    {
        var (path, line) = (text.Path(), text.Number(400));
        return ("open", new JsonObject { ["path"] = path, ["line"] = line },
            $"[File: {path} ({line + text.Number(500)} lines total)]\n" + Lines(6 + text.Number(14), i => $"{line + i}:{text.CodeLine()}"));
    }

    private JsonObject Edit() => new()
    {
        ["path"] = text.Path(),
        ["start"] = text.Number(400),
        ["replacement"] = text.CodeLines(2 + text.Number(8)),
    };

    private static string Lines(int count, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, count).Select(line));

    private string Found(int line) => $"{text.Path()}:{text.Number(600)}:{text.CodeLine()}";

    private string Tested(int line) =>
        $"{text.Path()}::test_{text.Name()} {(text.Chance(85) ? "PASSED" : $"FAILED - {text.CodeLine().Trim()}")} [{line * 7 % 100,3}%]";

    private string Logged(int line) => string.Create(
        CultureInfo.InvariantCulture,
        $"{text.Time()} {(text.Chance(80) ? "INFO" : "WARN")} {text.Name()} request={text.Hex(16)} took {text.Number(90_000) / 1000.0} ms");

    private string Issues() => new JsonObject
    {
        ["total"] = text.Number(300),
        ["items"] = new JsonArray([.. Enumerable.Range(0, 2 + text.Number(4)).Select(_ => new JsonObject
        {
            ["id"] = text.Hex(12),
            ["title"] = text.Sentences(1),
            ["score"] = text.Number(10_000) / 10_000.0,
            ["updated_at"] = text.Time(),
            ["labels"] = new JsonArray(text.Name(), text.Name()),
        })]),
    }.ToJsonString();
}
