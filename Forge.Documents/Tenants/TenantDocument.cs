using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
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
        MaxDepth = 64,
    };

    /// <summary>The line of a record, with its line feed.</summary>
    public static byte[] Write(TenantRecord record) => [.. JsonSerializer.SerializeToUtf8Bytes(record, Options), (byte)'\n'];

    /// <summary>True if a line that begins so is a record, which it is if its first property is <c>forge</c>.</summary>
    public static bool IsRecord(ReadOnlySpan<byte> start)
    {
        var reader = new Utf8JsonReader(start, isFinalBlock: false, state: default);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("forge");
        }
        catch (JsonException)
        {
            // It is no record; what else it is, whoever reads it says.
            return false;
        }
    }

    /// <exception cref="ImportRejectedException">It cannot be read.</exception>
    public static TenantRecord Read(long line, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<TenantRecord>(bytes, Options)!;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ImportRejectedException(line, $"cannot be read: {exception.Message.TrimEnd('.')}", exception);
        }
    }
}

/// <summary>What a record says; which of it is there depends on its kind.</summary>
internal sealed record TenantRecord
{
    /// <summary>The kind.</summary>
    [JsonPropertyOrder(-1)]
    public string? Forge { get; init; }

    /// <summary>Of a start and of a session.</summary>
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
