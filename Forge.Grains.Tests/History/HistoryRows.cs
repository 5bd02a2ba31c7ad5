using System.Security.Cryptography;
using System.Text;
using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

/// <summary>Rows for store tests, and how to compare them column by column.</summary>
internal static class HistoryRows
{
    /// <summary>A time with microseconds, so that a store which rounds is found out.</summary>
    public static DateTimeOffset Start { get; } = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123_457);

    public static SessionAddress Address(string session, string tenant = "default") =>
        new(TenantId.Parse(tenant), SessionId.Parse(session));

    /// <summary>A checkpoint whose time, position and parent follow from its sequence.</summary>
    public static StoredCheckpoint Checkpoint(long sequence, params string[] tags) =>
        new StoredCheckpoint
        {
            Sequence = sequence,
            Id = new CheckpointId(Guid.NewGuid()),
            CreatedAt = Start.AddSeconds(sequence),
            Position = sequence,
            Parent = sequence - 1,
            Message = $"step {sequence}",
            Tags = tags,
            Trigger = CheckpointTrigger.Manual,
            ContentType = "application/json",
            Size = 0,
            Checksum = [],
            StoredSize = 0,
        }.WithState(Encoding.UTF8.GetBytes($$"""{"step":{{sequence}}}"""));

    public static StoredCheckpoint[] Checkpoints(long first, long last) =>
        [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => Checkpoint(first + i))];

    public static StoredCheckpoint WithState(this StoredCheckpoint row, byte[] state) => row with
    {
        Stored = state,
        StoredSize = state.Length,
        Size = state.Length,
        Checksum = SHA256.HashData(state),
    };

    /// <summary>A checkpoint that has something in every column.</summary>
    public static StoredCheckpoint FullCheckpoint(long sequence) => Checkpoint(sequence) with
    {
        CreatedAt = Start.AddSeconds(sequence).AddMicroseconds(1),
        Position = 1_000_000_000_000 + sequence,
        Parent = 5_000_000_000,
        Message = "naïve – 検証 🧭 'quoted' \"text\" \\ {a,b}",
        Tags = ["z last", "a,b", "Ünï", "{}", "\"", "NULL", "a,B", "🧭"],
        FirstTags = ["first", "", "\\"],
        Trigger = CheckpointTrigger.ToolCall,
        ContentType = "text/plain; charset=utf-8",
        Size = 1_234_567,
        Codec = 7,
        Base = 6_000_000_000,
        Group = 5_000_000_001,
        Trunk = true,
        Requires = "7,4000000000",
        Chain = [0, 255, 1, 0],
    };

    /// <summary>Stages rows without annotations.</summary>
    public static Task StageAsync(
        this IStaging staging, long key, IEnumerable<StoredCheckpoint> rows, CancellationToken cancellationToken) =>
        staging.StageAsync(key, [.. rows.Select(row => new AnnotatedCheckpoint(row, []))], cancellationToken);

    /// <summary>Stages rows for the session <c>s</c> of the default tenant.</summary>
    public static Task StageAsync(
        this IStaging staging, long key, IReadOnlyList<AnnotatedCheckpoint> rows, CancellationToken cancellationToken) =>
        staging.StageAsync(Address("s"), key, rows, cancellationToken);

    public static RememberedRequest Request(Guid id, DateTimeOffset at) =>
        new(id, at, "restore", """{"sequence":3,"note":"é \"x\""}""");

    public static void AssertSame(StoredCheckpoint expected, StoredCheckpoint? actual, CheckpointParts parts)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Tags, actual.Tags);
        Assert.Equal(expected.FirstTags, actual.FirstTags);
        Assert.Equal(expected.Checksum, actual.Checksum);
        Assert.Equal(expected.Chain, actual.Chain);
        Assert.Equal(TimeSpan.Zero, actual.CreatedAt.Offset);
        var state = parts.HasFlag(CheckpointParts.State) ? expected.Stored.Span : default;
        Assert.True(state.SequenceEqual(actual.Stored.Span), $"The state of {expected.Sequence} differs.");
        Assert.Equal(Scalars(expected), Scalars(actual));
    }

    /// <summary>The same of a read, which has these annotations if it was to bring them.</summary>
    public static void AssertSame(StoredCheckpoint expected, CheckpointRead? actual, CheckpointParts parts, params Annotation[] notes)
    {
        AssertSame(expected, actual?.Row, parts);
        Assert.Equal(parts.HasFlag(CheckpointParts.Annotations) ? notes : [], actual!.Annotations);
    }

    public static void AssertSame(
        IEnumerable<StoredCheckpoint> expected, IReadOnlyList<StoredCheckpoint> actual, CheckpointParts parts)
    {
        var rows = expected.ToList();
        Assert.Equal(rows.Select(r => r.Sequence), actual.Select(r => r.Sequence));
        foreach (var (row, read) in rows.Zip(actual))
        {
            AssertSame(row, read, parts);
        }
    }

    public static void AssertSame(SessionHead expected, SessionHead? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Chain, actual.Chain);
        Assert.Equal(expected with { Chain = null, Seal = null }, actual with { Chain = null, Seal = null });
    }

    private static StoredCheckpoint Scalars(StoredCheckpoint row) => row with
    {
        Tags = [],
        FirstTags = null,
        Checksum = Empty,
        Chain = null,
        Stored = default,
    };

    private static readonly byte[] Empty = [];
}
