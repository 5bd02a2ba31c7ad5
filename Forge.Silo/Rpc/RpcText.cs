using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Forge.Silo.Http;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace Forge.Silo.Rpc;

/// <summary>
/// Messages as JSON. Answers and problems are JSON already and go between the parts of a message as they are; the library's own formatters
/// would read them into objects and write them anew.
/// </summary>
internal sealed class RpcText : IJsonRpcMessageFormatter
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The bytes of a message in pieces, each good until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Pieces(JsonRpcMessage message) => message switch
    {
        JsonRpcResult result => Enclose($$"""{"jsonrpc":"2.0","id":{{TextOf(result.RequestId)}},"result":""", result.Result, "}"),
        JsonRpcError { Error: { } error } failed => Enclose(
            $$"""{"jsonrpc":"2.0","id":{{TextOf(failed.RequestId)}},"error":{"code":{{(int)error.Code}},"message":{{TextOf(error.Message)}},"data":""",
            error.Data, "}}"),
        JsonRpcRequest request => Enclose(
            $$"""{"jsonrpc":"2.0","method":{{TextOf(request.Method)}},"params":""", request.NamedArguments, "}"),
        _ => throw new NotSupportedException($"A {message.GetType().Name} is never sent."),
    };

    /// <inheritdoc/>
    public JsonRpcMessage Deserialize(ReadOnlySequence<byte> contentBuffer) =>
        throw new NotSupportedException($"Messages are read by {nameof(RpcEnvelope)}, which tells what is wrong with them.");

    /// <inheritdoc/>
    public void Serialize(IBufferWriter<byte> bufferWriter, JsonRpcMessage message)
    {
        foreach (var piece in Pieces(message))
        {
            bufferWriter.Write(piece.Span);
        }
    }

    /// <inheritdoc/>
    [Obsolete("As the interface says.")]
    public object GetJsonText(JsonRpcMessage message) => throw new NotSupportedException("Messages are not traced as text.");

    private static IEnumerable<ReadOnlyMemory<byte>> Enclose(string before, object? value, string after)
    {
        yield return System.Text.Encoding.UTF8.GetBytes(before);
        switch (value)
        {
            case RpcAnswer answer:
                foreach (var piece in answer.Pieces())
                {
                    yield return piece;
                }

                break;
            case RawJson json:
                yield return json.Bytes;
                break;
            default:
                yield return JsonSerializer.SerializeToUtf8Bytes(value, Json);
                break;
        }

        yield return System.Text.Encoding.UTF8.GetBytes(after);
    }

    private static string TextOf(RequestId id) =>
        id.Number is { } number ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : TextOf(id.String);

    private static string TextOf(string? text) => JsonSerializer.Serialize(text, Json);
}
