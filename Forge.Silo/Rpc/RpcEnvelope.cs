using System.Text;
using System.Text.Json;
using Forge.Silo.Http;
using StreamJsonRpc;

namespace Forge.Silo.Rpc;

/// <summary>
/// A message as it was sent: a call, or a notification if it has no id. It is walked once, and what it holds stays where it is, so that
/// a state among the parameters is the very bytes that came.
/// </summary>
internal sealed class RpcEnvelope
{
    /// <summary>States may be nested far deeper than the reader's default; it walks without recursion, one bit a level.</summary>
    private const int MaxDepth = 1_000_000;

    /// <summary>More than any operation takes: names are kept until it is known which it is.</summary>
    private const int MaxMembers = 64;

    private const int MaxIdCharacters = 256;

    /// <summary>The most bytes that a character takes in JSON.</summary>
    private const int MaxEscape = 6;

    private const int MaxName = 200;

    private static readonly byte[] Nothing = "{}"u8.ToArray();

    private readonly List<RpcMember> _members = [];
    private bool _hasId;
    private string? _version;
    private string? _unknown;
    private string? _broken;

    private RpcEnvelope()
    {
    }

    /// <summary>The id; empty if there is none that can be answered to.</summary>
    public RequestId Id { get; private set; }

    public string? Method { get; private set; }

    /// <summary>The bytes of the parameters; an empty object if there are none.</summary>
    public ReadOnlyMemory<byte> Params { get; private set; } = Nothing;

    /// <summary>The parameters, none of them twice.</summary>
    public IReadOnlyList<RpcMember> Members => _members;

    /// <summary>Both.</summary>
    public RpcParams Parameters => new(Params, _members);

    /// <summary>The number and the problem of a message that cannot be carried out; null for one that can.</summary>
    public (int Number, Problem Problem)? Refusal { get; private set; }

    /// <summary>True if the message is no object, or a broken one, so that it is answered though it has no id.</summary>
    public bool IsMalformed => Refusal is { Number: not RpcError.InvalidParams };

    /// <summary>Reads a message.</summary>
    /// <param name="message">Its bytes, which are UTF-8: the WebSocket ends by itself at a text that is not.</param>
    public static RpcEnvelope Read(ReadOnlyMemory<byte> message)
    {
        var envelope = new RpcEnvelope();
        try
        {
            envelope.Walk(message);
            envelope.Check();
        }
        catch (JsonException exception)
        {
            var end = exception.Message.IndexOf(" LineNumber", StringComparison.Ordinal);
            var what = end < 0 ? exception.Message : exception.Message[..end];
            envelope.Id = default;
            envelope.Refuse(
                RpcError.Unparsable,
                $"The message is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: {what}");
        }

        return envelope;
    }

    /// <summary>The id that some JSON is; that of nothing if it is none.</summary>
    public static RequestId ReadId(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() ? IdOf(ref reader) : default;
        }
        catch (JsonException)
        {
            // What is no JSON is no id.
            return default;
        }
    }

    private static RequestId IdOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt64(out var number) => new RequestId(number),
        JsonTokenType.String when reader.ValueSpan.Length <= MaxIdCharacters * MaxEscape =>
            TextOf(ref reader) is { Length: <= MaxIdCharacters } text ? new RequestId(text) : default,
        _ => default,
    };

    /// <summary>The text of a string; null if it is half of a surrogate pair.</summary>
    private static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Whoever asked says what was wrong.
            return null;
        }
    }

    /// <summary>A name as it is told of and kept: no name of ours is longer.</summary>
    private static string Cut(string name) => name.Length <= MaxName ? name : name[..MaxName] + "…";

    private void Walk(ReadOnlyMemory<byte> message)
    {
        var reader = new Utf8JsonReader(message.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            var isBatch = reader.TokenType == JsonTokenType.StartArray;
            reader.Skip();
            reader.Read();
            _broken = isBatch
                ? "Batches are not taken: send each call as a message of its own."
                : "The message must be a JSON object.";
            return;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // However many unknown names there are, nothing is kept of those behind the first.
            var name = _unknown is null ? Cut(TextOf(ref reader) ?? "") : "";
            reader.Read();
            if (_unknown is null && !seen.Add(name))
            {
                _unknown = $"{name} is given twice.";
            }

            Take(name, ref reader, message);
        }

        // Anything but white space behind it makes the reader throw.
        reader.Read();
    }

    private void Take(string name, ref Utf8JsonReader reader, ReadOnlyMemory<byte> message)
    {
        switch (name)
        {
            case "jsonrpc":
                _version = reader.TokenType == JsonTokenType.String ? TextOf(ref reader) : null;
                reader.Skip();
                break;
            case "id":
                (_hasId, Id) = (true, IdOf(ref reader));
                reader.Skip();
                break;
            case "method":
                Method = reader.TokenType == JsonTokenType.String ? TextOf(ref reader) : null;
                reader.Skip();
                break;
            case "params" when reader.TokenType == JsonTokenType.StartObject:
                TakeParams(ref reader, message);
                break;
            case "params":
                Refuse(RpcError.InvalidParams, "params must be an object that has each parameter by its name.", "params");
                reader.Skip();
                break;
            default:
                _unknown ??= $"{name} is not a known property of a message.";
                reader.Skip();
                break;
        }
    }

    private void TakeParams(ref Utf8JsonReader reader, ReadOnlyMemory<byte> message)
    {
        var start = checked((int)reader.TokenStartIndex);
        HashSet<string> seen = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = TextOf(ref reader) is { } text ? Cut(text) : null;
            if (name is null)
            {
                name = Cut(Encoding.UTF8.GetString(reader.ValueSpan));
                Refuse(RpcError.InvalidParams, $"{name} must be valid Unicode.", name);
            }
            else if (seen.Count < MaxMembers && !seen.Add(name))
            {
                Refuse(RpcError.InvalidParams, $"{name} is given twice.", name);
            }

            reader.Read();
            var (type, begin) = (reader.TokenType, checked((int)reader.TokenStartIndex));
            reader.Skip();
            if (_members.Count < MaxMembers)
            {
                _members.Add(new RpcMember(name, type, message[begin..checked((int)reader.BytesConsumed)]));
            }
            else
            {
                Refuse(RpcError.InvalidParams, $"params must not have more than {MaxMembers} properties.", "params");
            }
        }

        Params = message[start..checked((int)reader.BytesConsumed)];
    }

    private void Check()
    {
        var problem = _broken
            ?? _unknown
            ?? (_version != "2.0" ? "jsonrpc must be \"2.0\"."
                : _hasId && Id.IsEmpty ? $"id must be a whole number or a string of at most {MaxIdCharacters} characters."
                : Method is null ? "method must be a string."
                : null);
        if (problem is not null)
        {
            Refusal = (RpcError.InvalidRequest, RpcError.Malformed(problem));
        }
    }

    private void Refuse(int number, string detail, string field = "message")
    {
        if (Refusal is null || number == RpcError.Unparsable)
        {
            Refusal = (number, new Problem(StatusCodes.Status400BadRequest, "invalid_request", detail, ("field", field)));
        }
    }
}
