using System.Text.Json;
using Forge.Errors;

namespace Forge.Grains.Portability;

/// <summary>Tells documents apart by how they begin.</summary>
internal static class ImportFormats
{
    /// <summary>How much of a document is looked at, in bytes: white space, a brace and a name.</summary>
    public const int MaxStart = 4 * 1024;

    /// <summary>
    /// The reader for a document that begins so; null where more of it is needed. A document of Forge's own begins with
    /// the property <c>forge</c>, and one of the earlier tool with a property of its own.
    /// </summary>
    /// <exception cref="ImportRejectedException">It is neither.</exception>
    public static IImportDocument? Open(ReadOnlySpan<byte> start, bool whole, ImportRules rules)
    {
        try
        {
            var reader = new Utf8JsonReader(start, whole, default);
            if (!reader.Read())
            {
                return Undecided(start, whole);
            }

            if (reader.TokenType == JsonTokenType.StartObject)
            {
                if (!reader.Read())
                {
                    return Undecided(start, whole);
                }

                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    return reader.ValueTextEquals("forge") ? new NdjsonDocument(rules)
                        : EarlierDocument.Knows(ref reader) ? new EarlierDocument(rules)
                        : throw Unknown();
                }
            }
        }
        catch (JsonException exception)
        {
            throw Unknown(exception);
        }

        throw Unknown();
    }

    private static IImportDocument? Undecided(ReadOnlySpan<byte> start, bool whole) =>
        start.IsEmpty && whole ? throw new ImportRejectedException(0, "it is empty")
        : whole || start.Length > MaxStart ? throw Unknown()
        : null;

    private static ImportRejectedException Unknown(Exception? cause = null) =>
        new(1, "is neither the header of a session's export nor the beginning of the earlier tool's document", cause);
}
