using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.Checkpoints;

namespace Forge.Grains.Tests.History.Migrations;

/// <summary>What a silo of an earlier schema answered of its database, before that became a fixture.</summary>
/// <param name="Level">The schema level that it had.</param>
/// <param name="Deleted">The sessions that were deleted.</param>
/// <param name="Sessions">The living ones.</param>
internal sealed record RecordedDatabase(int Level, IReadOnlyList<string> Deleted, IReadOnlyList<RecordedSession> Sessions)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>What was recorded beside a fixture.</summary>
    public static RecordedDatabase Of(string fixture) =>
        JsonSerializer.Deserialize<RecordedDatabase>(File.ReadAllText(PathOf($"{fixture}.json")), Json)!;

    /// <summary>Where a file of a fixture is.</summary>
    public static string PathOf(string file) =>
        Path.Combine(AppContext.BaseDirectory, "History", "Migrations", "Fixtures", file);

    /// <summary>A session as text, by which any difference is seen.</summary>
    public static string Text(RecordedSession session) => JsonSerializer.Serialize(session, Json);
}

/// <summary>What a session reads as.</summary>
/// <param name="Session">Its name.</param>
/// <param name="Count">How many checkpoints are visible.</param>
/// <param name="Bytes">The sum of their sizes.</param>
/// <param name="Head">The newest one; 0 for none.</param>
/// <param name="Current">The parent of the next one; 0 for none.</param>
/// <param name="LastSequence">The greatest sequence given out.</param>
/// <param name="Labels">The labels among its settings.</param>
/// <param name="RemovedCreates">Creates by their caller's own ids whose checkpoints were removed and whose repeats are still
/// known for what they are.</param>
/// <param name="Checkpoints">What is visible, by rising sequence.</param>
internal sealed record RecordedSession(
    string Session,
    long Count,
    long Bytes,
    long Head,
    long Current,
    long LastSequence,
    SortedDictionary<string, string> Labels,
    IReadOnlyList<RecordedCreate> RemovedCreates,
    IReadOnlyList<RecordedCheckpoint> Checkpoints);

internal sealed record RecordedCreate(Guid Id, long Sequence);

internal sealed record RecordedCheckpoint(
    long Sequence,
    string Message,
    IReadOnlyList<string> Tags,
    long Parent,
    CheckpointTrigger Trigger,
    string ContentType,
    int Size,
    string Sha256,
    IReadOnlyList<RecordedAnnotation> Annotations);

internal sealed record RecordedAnnotation(AnnotationSeverity Severity, string Text);
