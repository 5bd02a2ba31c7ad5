using System.Net.Mime;
using System.Text.Json;

namespace Forge.Client.Serialization;

/// <summary>States as JSON, by System.Text.Json. This is what the client uses unless it is told otherwise.</summary>
/// <param name="options">How to write and read; the defaults of System.Text.Json if null.</param>
public sealed class JsonStateSerializer(JsonSerializerOptions? options = null) : IStateSerializer
{
    private readonly JsonSerializerOptions _options = options ?? JsonSerializerOptions.Default;

    /// <summary>The serializer with the defaults of System.Text.Json.</summary>
    public static JsonStateSerializer Default { get; } = new();

    /// <inheritdoc/>
    public string ContentType => MediaTypeNames.Application.Json;

    /// <summary>True for <c>application/json</c>, <c>text/json</c> and types that end in <c>+json</c>, with any parameters.</summary>
    public bool CanRead(string contentType)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        var type = contentType.AsSpan();
        if (type.IndexOf(';') is var end and >= 0)
        {
            type = type[..end];
        }

        type = type.Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The type cannot be written as JSON.</exception>
    public ReadOnlyMemory<byte> Serialize<T>(T state) => JsonSerializer.SerializeToUtf8Bytes(state, _options);

    /// <inheritdoc/>
    /// <exception cref="JsonException">The bytes are no JSON of that type.</exception>
    /// <exception cref="NotSupportedException">The type cannot be read from JSON.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> bytes) => JsonSerializer.Deserialize<T>(bytes.Span, _options)!;
}
