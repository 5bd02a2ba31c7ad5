using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Forge.Cli.Differences;

/// <summary>Shows a JSON Patch as a person reads a difference: where, what went, what came, and what stands beside it.</summary>
/// <param name="screen">Where it is shown.</param>
/// <param name="context">How many neighbours are shown on either side.</param>
internal sealed class PatchView(Screen screen, int context)
{
    private const int MostLines = 40;
    private const int MostOfANeighbour = 100;

    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1_000, NewLine = "\n" };

    private static readonly JsonWriterOptions Compact = Indented with { Indented = false };

    /// <summary>Shows the operations in their order. Each is applied after it is shown, since the next is meant for what it leaves.</summary>
    /// <param name="patch">The operations.</param>
    /// <param name="state">The state that they are for.</param>
    /// <param name="isKnown">False if the state was not read; then nothing is shown beside what differs.</param>
    public void Write(JsonElement patch, JsonNode? state, bool isKnown)
    {
        foreach (var operation in patch.EnumerateArray())
        {
            var kind = operation.GetProperty("op").GetString();
            var path = operation.GetProperty("path").GetString()!;
            var from = operation.TryGetProperty("from", out var source) ? source.GetString() : null;
            screen.Whole(new Segment(
                from is null ? $"@@ {(path.Length == 0 ? "(all of it)" : Harmless.Line(path))}" : $"@@ {Harmless.Line(from)} -> {Harmless.Line(path)}", Styles.Name));
            var value = operation.TryGetProperty("value", out var given) ? JsonNode.Parse(given.GetRawText(), null, new JsonDocumentOptions { MaxDepth = 1_000 }) : null;
            if (!isKnown)
            {
                WriteUnread(kind!, value);
                continue;
            }

            var moved = from is null ? null : Take(ref state, from);
            WriteHunk(kind!, state, path, moved ?? value);
            Apply(ref state, kind!, path, moved ?? value);
        }
    }

    /// <summary>Of a state that is too large to be read, what came is all that can be shown.</summary>
    private void WriteUnread(string kind, JsonNode? value)
    {
        if (kind is "remove" or "replace")
        {
            screen.Whole(new Segment("- (the state is too large to be read for this)", Styles.Dim));
        }

        if (kind is "add" or "replace")
        {
            WriteLines("+", value, Styles.Good);
        }
    }

    private void WriteHunk(string kind, JsonNode? state, string path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            WriteValues(kind, state, value);
            return;
        }

        var (parent, key) = ParentOf(state, path);
        List<(string Name, JsonNode? Value)> siblings = parent switch
        {
            JsonObject named => [.. named.Select(property => ($"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(property.Key)}\": ", property.Value))],
            JsonArray items => [.. items.Select(item => ("", item))],
            _ => [],
        };
        var index = parent switch
        {
            JsonObject named when named.ContainsKey(key) => named.IndexOf(key),
            JsonArray when key != "-" => int.Parse(key, CultureInfo.InvariantCulture),
            _ => siblings.Count,
        };
        foreach (var (name, neighbour) in siblings.Take(index).TakeLast(context))
        {
            WriteNeighbour(name, neighbour);
        }

        var isGone = kind is "remove" or "replace";
        WriteValues(kind, isGone && index < siblings.Count ? siblings[index].Value : null, value);
        foreach (var (name, neighbour) in siblings.Skip(index + (isGone ? 1 : 0)).Take(context))
        {
            WriteNeighbour(name, neighbour);
        }
    }

    private void WriteValues(string kind, JsonNode? before, JsonNode? after)
    {
        if (kind is "remove" or "replace")
        {
            WriteLines("-", before, Styles.Bad);
        }

        if (kind is not "remove")
        {
            WriteLines("+", after, Styles.Good);
        }
    }

    private void WriteLines(string sign, JsonNode? value, Style style)
    {
        var lines = Text(value, Indented).Split('\n');
        foreach (var line in lines.Take(MostLines))
        {
            screen.Whole(new Segment($"{sign} {line}", style));
        }

        if (lines.Length > MostLines)
        {
            screen.Whole(new Segment($"{sign} … {lines.Length - MostLines} more lines", Styles.Dim));
        }
    }

    private void WriteNeighbour(string name, JsonNode? value)
    {
        var text = name + Text(value, Compact);
        screen.Whole(new Segment($"  {Harmless.Line(text.Length > MostOfANeighbour ? text[..MostOfANeighbour] + "…" : text)}", Styles.Dim));
    }

    private static void Apply(ref JsonNode? state, string kind, string path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            state = value;
            return;
        }

        var (parent, key) = ParentOf(state, path);
        switch (parent, kind)
        {
            case (JsonObject named, "remove"):
                named.Remove(key);
                break;
            case (JsonObject named, _):
                named[key] = value;
                break;
            case (JsonArray items, "remove"):
                items.RemoveAt(int.Parse(key, CultureInfo.InvariantCulture));
                break;
            case (JsonArray items, "replace"):
                items[int.Parse(key, CultureInfo.InvariantCulture)] = value;
                break;
            case (JsonArray items, _):
                items.Insert(key == "-" ? items.Count : int.Parse(key, CultureInfo.InvariantCulture), value);
                break;
            default:
                throw new InvalidDataException($"The patch does not fit the state at {path}.");
        }
    }

    private static JsonNode? Take(ref JsonNode? state, string path)
    {
        var (parent, key) = ParentOf(state, path);
        var value = parent is JsonArray items ? items[int.Parse(key, CultureInfo.InvariantCulture)] : parent![key];
        Apply(ref state, "remove", path, null);
        return value;
    }

    private static (JsonNode? Parent, string Key) ParentOf(JsonNode? state, string path)
    {
        string[] keys = [.. path.Split('/').Skip(1).Select(key => key.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
        var parent = state;
        foreach (var key in keys[..^1])
        {
            parent = parent is JsonArray items ? items[int.Parse(key, CultureInfo.InvariantCulture)] : parent?[key];
        }

        return (parent, keys[^1]);
    }

    private static string Text(JsonNode? value, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        return Harmless.Lines(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
