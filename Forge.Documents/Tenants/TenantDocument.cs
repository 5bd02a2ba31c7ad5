using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.Documents.Json;
using Forge.Documents.Sessions;
using Forge.Errors;

namespace Forge.Documents.Tenants;

/// <summary>
/// The records around the sessions in the NDJSON document of many, version 1: a <c>tenant</c> line, then session after
/// session, each as its own document and closed by a <c>sessionEnd</c> line, then a <c>tenantEnd</c> line with the totals.
/// <c>docs/export-format.md</c> describes it.
/// </summary>
internal static class TenantDocument
{
    public const string Start = "tenant";
    public const string Session = "session";
    public const string SessionEnd = "sessionEnd";
    public const string End = "tenantEnd";
    public const int Version = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>What the records say, but for the beginning of a session, all of which its own reader looks at.</summary>
    private static readonly Dictionary<string, string[]> Properties = new(StringComparer.Ordinal)
    {
        [Start] = ["version", "tenant", "exportedAt"],
        [SessionEnd] = ["session", "checkpoints", "problem"],
        [End] = ["sessions", "checkpoints", "incomplete"],
    };

    /// <summary>The line of a record, with its line feed.</summary>
    public static byte[] Write(TenantRecord record) => [.. JsonSerializer.SerializeToUtf8Bytes(record, Options), (byte)'\n'];

    /// <summary>True if a line that begins so is a record, which it is if its first property is <c>forge</c>.</summary>
    public static bool IsRecord(ReadOnlySpan<byte> start) => JsonObjectReader.FirstName(start) == "forge";

    /// <exception cref="ImportRejectedException">It cannot be read.</exception>
    public static TenantRecord Read(long line, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonObjectReader.Read(bytes, "", Read, SessionDocument.MaxDepth);
        }
        catch (InvalidRequestException exception)
        {
            throw new ImportRejectedException(line, exception.Message.TrimEnd('.'), exception);
        }
    }

    private static TenantRecord Read(ref JsonObjectReader reader)
    {
        var record = new TenantRecord();
        while (reader.Next(out var name))
        {
            if (name != "forge" && Properties.TryGetValue(record.Forge ?? "", out var known) && !known.Contains(name, StringComparer.Ordinal))
            {
                reader.RefuseUnknown();
            }

            switch (name)
            {
                case "forge": record = record with { Forge = reader.String() }; break;

                // It comes before all else, so that a later version is named as such.
                case "version" when record.Forge == Start: record = record with { Version = RequireVersion(ref reader) }; break;
                case "tenant" when record.Forge == Start: record = record with { Tenant = reader.String() }; break;
                case "exportedAt" when record.Forge == Start: record = record with { ExportedAt = reader.Time() }; break;
                case "session": record = record with { Session = reader.String() }; break;
                case "sessions": record = record with { Sessions = reader.Integer() }; break;
                case "checkpoints": record = record with { Checkpoints = reader.Integer() }; break;
                case "incomplete": record = record with { Incomplete = reader.Integer() }; break;
                case "problem": record = record with { Problem = reader.String() }; break;
                default: reader.Raw(); break;
            }
        }

        return record;
    }

    private static int RequireVersion(ref JsonObjectReader reader) => reader.Integer() == Version
        ? Version
        : throw new InvalidRequestException(reader.Field, $"is not known; this one reads version {Version}");
}

/// <summary>What a record says; which of it is there depends on its kind.</summary>
internal sealed record TenantRecord
{
    /// <summary>The kind.</summary>
    [JsonPropertyOrder(-1)]
    public string? Forge { get; init; }

    /// <summary>Of a start.</summary>
    public int? Version { get; init; }

    public string? Tenant { get; init; }

    public DateTimeOffset? ExportedAt { get; init; }

    public string? Session { get; init; }

    /// <summary>Of the end: how many sessions there are.</summary>
    public long? Sessions { get; init; }

    /// <summary>Of an end: how many checkpoints there are in the session, or in all.</summary>
    public long? Checkpoints { get; init; }

    /// <summary>Of the end: how many sessions have a problem.</summary>
    public long? Incomplete { get; init; }

    /// <summary>Of a session's end: why it is not whole; null if it is.</summary>
    public string? Problem { get; init; }
}
