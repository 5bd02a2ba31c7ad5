using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Transcripts;
using Forge.Cli.Replay;
using Forge.Differences;
using Forge.Differences.Json;

namespace Forge.Benchmarks.Differences;

/// <summary>Two states of one conversation.</summary>
/// <param name="Name">How the report calls them.</param>
/// <param name="From">The earlier.</param>
/// <param name="To">The later.</param>
/// <param name="Added">How many messages the later has more.</param>
/// <param name="Removed">How many it no longer has.</param>
/// <param name="Changed">How many texts were written anew.</param>
/// <param name="Moved">How many messages are at another place.</param>
internal sealed record TranscriptPair(string Name, byte[] From, byte[] To, int Added, int Removed, int Changed, int Moved)
{
    public JsonPatch Compare() => (JsonPatch)JsonDifference.Compare(From, To);

    /// <summary>Compares what is found with what was done.</summary>
    /// <returns>The bytes of the patch.</returns>
    /// <exception cref="ValidationException">Something else is found.</exception>
    public long Validate()
    {
        var patch = Compare();
        var (found, expected) = (patch.Summary, (Added, Removed, Changed, Moved));
        return !patch.IsCoarse && (found.Added, found.Removed, found.Changed, found.Moved) == expected
            ? patch.Bytes.Length
            : throw new ValidationException($"diff.{Name}", $"{found} is not {expected}");
    }
}

/// <summary>Pairs of states of a made conversation.</summary>
internal static class TranscriptPairs
{
    /// <summary>Of so many messages one is edited in each way.</summary>
    private const int Spacing = 500;

    /// <param name="messages">How many messages the longest has.</param>
    public static IReadOnlyList<TranscriptPair> Make(int messages)
    {
        var run = RecordedRun.Parse(MadeConversation.Make(messages));
        var (last, few, many) = (run.ConversationOf(messages - 1), messages / 17, messages * 2 / 5);
        var (edited, edits) = Edit(last, messages - few);
        return
        [
            new("append", run.ConversationOf(messages - 1 - few), last, few, 0, 0, 0),
            new("append-many", run.ConversationOf(messages - 1 - many), last, many, 0, 0, 0),
            new("edit-and-append", run.ConversationOf(messages - 1 - few), edited, few, edits, edits, edits),
            new("rewritten", last, Rewrite(last), 0, 0, messages, 0),
        ];
    }

    /// <summary>Changes the text of a message here and there, removes one, and carries one to another place.</summary>
    private static (byte[] State, int Edits) Edit(byte[] state, int before)
    {
        var root = JsonNode.Parse(state)!;
        var history = root["history"]!.AsArray();
        var edits = 0;

        // From behind, so that what is in front stays where it is.
        for (var at = before - Spacing + 10; at > 10; at -= Spacing)
        {
            history[at]!["content"] = $"{(string?)history[at]!["content"]} And so it was.";
            var carried = history[at - 4];
            history.RemoveAt(at - 4);
            history.Insert(at - 9, carried);
            history.RemoveAt(at - 2);
            edits++;
        }

        return (Write(root), edits);
    }

    /// <summary>Changes every message, so that none is the same.</summary>
    private static byte[] Rewrite(byte[] state)
    {
        var root = JsonNode.Parse(state)!;
        foreach (var message in root["history"]!.AsArray())
        {
            message!["content"] = $"{(string?)message["content"]} Once more.";
        }

        return Write(root);
    }

    private static byte[] Write(JsonNode root) => JsonSerializer.SerializeToUtf8Bytes(root);
}
