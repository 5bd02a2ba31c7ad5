using System.Text.Json;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;

namespace Forge.Cli.Checkpoints;

/// <summary>A state that the command line gives.</summary>
/// <param name="Bytes">The state, byte for byte.</param>
/// <param name="ContentType">Its media type.</param>
internal sealed record GivenState(byte[] Bytes, string ContentType)
{
    private const string JsonType = "application/json";

    /// <summary>Reads it, and sees that what is said to be JSON is JSON.</summary>
    /// <exception cref="CliException">It cannot be read, or is no JSON.</exception>
    public static async Task<GivenState> ReadAsync(
        string given, string? contentType, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var state = new GivenState(await GivenBytes.ReadAsync(given, surroundings, cancellationToken), contentType ?? JsonType);
        if (state.ContentType == JsonType)
        {
            try
            {
                SeeThatItIsJson(HasMark(state.Bytes) ? state.Bytes.AsSpan(3) : state.Bytes);
            }
            catch (JsonException exception)
            {
                throw new CliException(
                    ExitCode.Usage, $"The state is not JSON: {exception.Message}",
                    "Say what it is with --content-type, as text/plain; or give @FILE for a file, - for the standard input.", exception);
            }
        }

        return state;
    }

    /// <summary>Writes it as the property that keeps every byte of it.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        // JSON stands in the body as it is. Space around it would get lost there.
        if (ContentType == JsonType && !IsSpace(Bytes[0]) && !IsSpace(Bytes[^1]) && !HasMark(Bytes))
        {
            writer.WritePropertyName("state");

            // It was seen to be JSON, and the writer would see to less depth than states have.
            writer.WriteRawValue(Bytes, skipInputValidation: true);
        }
        else
        {
            writer.WriteBase64String("stateBase64", Bytes);
            writer.WriteString("contentType", ContentType);
        }
    }

    /// <summary>Sees that bytes are one JSON value, of any depth that a state may have.</summary>
    /// <exception cref="JsonException">They are not.</exception>
    internal static void SeeThatItIsJson(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 1_000 });
        while (reader.Read())
        {
        }
    }

    private static bool HasMark(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\uFEFF"u8);

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';
}
