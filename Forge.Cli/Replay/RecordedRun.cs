using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Forge.Cli.Replay;

/// <summary>
/// A recorded agent run: the messages of its history, each as the very bytes it has in the file. The state of step k is
/// <c>{"step": k, "history": [the first k+1 messages]}</c>, or the history alone.
/// </summary>
internal sealed class RecordedRun
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    /// <summary>All messages with a comma between them; a state's history is a beginning of it.</summary>
    private readonly ReadOnlyMemory<byte> _messages;

    /// <summary>Where each message ends.</summary>
    private readonly IReadOnlyList<int> _ends;

    private RecordedRun(ReadOnlyMemory<byte> messages, IReadOnlyList<int> ends) => (_messages, _ends) = (messages, ends);

    /// <summary>How many steps it has; at least 1.</summary>
    public int Steps => _ends.Count;

    /// <exception cref="ReplayException">This is no JSON object with a history of at least one message.</exception>
    public static RecordedRun Parse(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(Mark))
        {
            file = file[Mark.Length..];
        }

        try
        {
            return ParseObject(file);
        }
        catch (JsonException exception)
        {
            throw new ReplayException($"The file is not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>The bytes to save for a step, from 0.</summary>
    public byte[] StateOf(int step)
    {
        var head = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{{\"step\": {step}, \"history\": ["));
        return [.. head, .. _messages.Span[.._ends[step]], .. "]}"u8];
    }

    /// <summary>The conversation up to a step, from 0, and nothing else: what was said before is the beginning of it.</summary>
    public byte[] ConversationOf(int step) => [.. "{\"history\": ["u8, .. _messages.Span[.._ends[step]], .. "]}"u8];

    /// <summary>The message that a step adds, from 0, as the very bytes of the file.</summary>
    public ReadOnlySpan<byte> MessageOf(int step) => _messages.Span[(step == 0 ? 0 : _ends[step - 1] + 1).._ends[step]];

    private static RecordedRun ParseObject(ReadOnlySpan<byte> file)
    {
        var reader = new Utf8JsonReader(file, new JsonReaderOptions { MaxDepth = 512 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw NoHistory();
        }

        RecordedRun? run = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isHistory = reader.ValueTextEquals("history"u8);
            reader.Read();
            if (!isHistory)
            {
                reader.Skip();
            }
            else if (reader.TokenType != JsonTokenType.StartArray || run is not null)
            {
                throw NoHistory();
            }
            else
            {
                run = ParseMessages(file, ref reader);
            }
        }

        // What comes after the object has to be read too, or a broken file would pass for a whole one.
        reader.Read();
        return run is { Steps: > 0 } ? run : throw NoHistory();
    }

    private static RecordedRun ParseMessages(ReadOnlySpan<byte> file, ref Utf8JsonReader reader)
    {
        var messages = new ArrayBufferWriter<byte>();
        var ends = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (ends.Count > 0)
            {
                messages.Write(","u8);
            }

            messages.Write(file[start..(int)reader.BytesConsumed]);
            ends.Add(messages.WrittenCount);
        }

        return new RecordedRun(messages.WrittenMemory, ends);
    }

    private static ReplayException NoHistory() =>
        new("The file is no recorded run: it must be a JSON object with one 'history' array that is not empty.");
}
