using System.Text.Unicode;

namespace Forge.Silo.Mcp;

/// <summary>A checkpoint with its state, as the operations answer it.</summary>
/// <param name="Properties">What it has beside its state, each as JSON.</param>
/// <param name="Bytes">The state.</param>
/// <param name="IsJson">True if the state is JSON.</param>
internal sealed record McpState(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Properties, ReadOnlyMemory<byte> Bytes, bool IsJson)
{
    private const string State = "state";
    private const string StateBase64 = "stateBase64";

    /// <summary>The id.</summary>
    public string Id => Text("id");

    /// <summary>The media type of the state.</summary>
    public string ContentType => Text("contentType");

    /// <summary>True if the state is text that is no JSON.</summary>
    public bool IsText => !IsJson && Utf8.IsValid(Bytes.Span);

    /// <summary>Reads one.</summary>
    /// <param name="checkpoint">The checkpoint as the operations answer it.</param>
    public static McpState Read(ReadOnlyMemory<byte> checkpoint) => JsonObjectReader.Read(checkpoint, "", (ref reader) =>
    {
        var properties = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var (bytes, isJson) = (ReadOnlyMemory<byte>.Empty, false);
        while (reader.Next(out var name))
        {
            switch (name)
            {
                case State:
                    (bytes, isJson) = (reader.Raw(), true);
                    break;
                case StateBase64:
                    bytes = reader.Base64();
                    break;
                default:
                    properties[name] = reader.Raw();
                    break;
            }
        }

        return new McpState(properties, bytes, isJson);
    });

    private string Text(string name) => JsonText.Of(Properties[name].Span);
}
