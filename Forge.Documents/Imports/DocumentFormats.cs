using Forge.Documents.Earlier;
using Forge.Documents.Json;
using Forge.Errors;

namespace Forge.Documents.Imports;

/// <summary>What documents can be imported into one session.</summary>
internal enum DocumentFormat
{
    /// <summary>One of Forge's own: begins with the property <c>forge</c>.</summary>
    Session,

    /// <summary>The one of the earlier single-process tool: begins with a property of its own.</summary>
    Earlier,
}

/// <summary>Tells documents apart by how they begin.</summary>
internal static class DocumentFormats
{
    /// <summary>How much of a document is looked at, in bytes: white space, a brace and a name.</summary>
    private const int MaxStart = 4 * 1024;

    /// <summary>The format of a document that begins so.</summary>
    /// <param name="start">Its beginning: all of it if it is short.</param>
    /// <exception cref="ImportRejectedException">It has none that is known.</exception>
    public static DocumentFormat Of(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            throw new ImportRejectedException(0, "it is empty");
        }

        var name = JsonObjectReader.FirstName(start[..Math.Min(start.Length, MaxStart)]);
        return name == "forge" ? DocumentFormat.Session
            : EarlierDocument.Names.Contains(name, StringComparer.Ordinal) ? DocumentFormat.Earlier
            : throw new ImportRejectedException(
                1, "is neither the header of a session's export nor the beginning of the earlier tool's document");
    }
}
