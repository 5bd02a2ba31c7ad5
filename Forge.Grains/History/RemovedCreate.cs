using System.Text.Json;
using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Grains.History;

/// <summary>
/// Remembers the create of a checkpoint whose row goes while the create may still be repeated. While the row is there, it
/// is its own memory.
/// </summary>
internal static class RemovedCreate
{
    public const string Kind = "create";

    public static RememberedRequest Remember(StoredCheckpoint checkpoint) =>
        Remember(checkpoint.ToSummary() with { Tags = checkpoint.FirstTags ?? checkpoint.Tags });

    /// <param name="summary">The checkpoint as it was created: with its first tags.</param>
    public static RememberedRequest Remember(CheckpointSummary summary) =>
        new(summary.Id.Value, summary.CreatedAt, Kind, JsonSerializer.Serialize(new Outcome(
            summary.Sequence, summary.Parent, summary.Message, [.. summary.Tags], summary.Trigger, summary.ContentType,
            summary.Size, summary.Checksum, summary.Position, summary.Chain)));

    /// <summary>The checkpoint as it was created.</summary>
    public static CheckpointSummary Recall(RememberedRequest request)
    {
        var outcome = JsonSerializer.Deserialize<Outcome>(request.Outcome)!;
        return new CheckpointSummary
        {
            Id = new CheckpointId(request.Id),
            Sequence = outcome.Sequence,
            CreatedAt = request.At,
            Parent = outcome.Parent,
            Message = outcome.Message,
            Tags = outcome.Tags,
            Trigger = outcome.Trigger,
            ContentType = outcome.ContentType,
            Size = outcome.Size,
            Checksum = outcome.Checksum,
            Position = outcome.Position,
            Chain = outcome.Chain,
        };
    }

    private sealed record Outcome(
        long Sequence,
        long Parent,
        string Message,
        string[] Tags,
        CheckpointTrigger Trigger,
        string ContentType,
        int Size,
        string Checksum,
        long Position = 0,
        string? Chain = null);
}
