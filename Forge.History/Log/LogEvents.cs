using Forge.Checkpoints;
using Forge.Events;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Log;

/// <summary>Events as callers see them: of what was read from a log, and of what a commit did, which tell the same.</summary>
internal static class LogEvents
{
    /// <summary>What an event takes beside its texts, and what a text does beside its characters.</summary>
    private const int Frame = 384;
    private const int TextFrame = 32;

    private static readonly long LastMicrosecond = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The event of an entry; null for a gap.</summary>
    public static LogEvent? Of(LogEntry entry) => entry switch
    {
        CreatedEntry created => Of(created),
        AnnotatedEntry note => Of(note.Event) with { Text = note.Text },
        WrittenEntry { IsHidden: true } hidden => WithoutText(Of(hidden.Event)),
        EventEntry other => Of(other.Event),
        _ => null,
    };

    /// <summary>The events of a commit, by rising position. An import's creates are not among them: the commit does not have their rows.</summary>
    public static List<LogEvent> Of(SessionCommit commit)
    {
        var events = new List<LogEvent>(commit.Changes.Count);
        Dictionary<long, string>? notes = null;
        for (var i = 0; i < commit.Changes.Count; i++)
        {
            switch (commit.Changes[i])
            {
                case Created { Row: var row }:
                    events.Add(Of(row));
                    break;
                case Annotated { Note: var note }:
                    (notes ??= [])[note.Position] = note.Text;
                    break;
                case Logged { Event: var happened }:
                    events.Add(notes is not null && notes.Remove(happened.Position, out var text)
                        ? Of(happened) with { Text = text }
                        : Of(happened));
                    break;
            }
        }

        return events;
    }

    /// <summary>About the bytes that an event takes in memory, all of its texts among them.</summary>
    public static long WeightOf(LogEvent happened) => Frame
        + WeightOf(happened.Message) + WeightOf(happened.Text) + WeightOf(happened.Owner) + WeightOf(happened.ContentType)
        + WeightOf(happened.Branch) + WeightOf(happened.Chain) + WeightOf(happened.Tags) + WeightOf(happened.TagsBefore)
        + (happened.Writes?.Sum(write => TextFrame + WeightOf(write.Task) + WeightOf(write.Name)) ?? 0)
        + (happened.Effect is { } effect
            ? (5 * TextFrame) + WeightOf(effect.Key) + WeightOf(effect.By) + WeightOf(effect.Reason) + WeightOf(effect.RequestSha256)
                + WeightOf(effect.ResultSha256)
            : 0)
        + (happened.Origin is { } origin ? TextFrame + WeightOf(origin.Session.Value) + WeightOf(origin.Chain) : 0);

    /// <summary>An event as it is told once its checkpoint was removed: without what was said in it.</summary>
    public static LogEvent WithoutText(LogEvent happened) => happened.Kind switch
    {
        LogEventKind.Created => happened with { Message = null, Tags = null, ContentType = null },
        LogEventKind.Annotated => happened with { Text = null },
        LogEventKind.Written => happened with { Writes = null },
        _ => happened,
    };

    private static long WeightOf(string? text) => text is null ? 0 : TextFrame + SessionChange.WeightOf(text);

    private static long WeightOf(IReadOnlyList<string>? texts) => texts is null ? 0 : TextFrame + SessionChange.WeightOf(texts);

    private static LogEvent Of(StoredCheckpoint row) => Of(new CreatedEntry(
        row.Position, row.CreatedAt, row.Id, row.Sequence, row.Parent, row.Trigger, row.Size, IsThere: true, row.Chain)
    {
        Branch = row.Branch ?? BranchNames.Main,
        Text = CreatedText.Of(row),
    });

    private static LogEvent Of(CreatedEntry created) => new()
    {
        Position = created.Position,
        Kind = LogEventKind.Created,
        At = created.At,
        Chain = Hex(created.Chain),
        Sequence = created.Sequence,
        Id = created.Id,
        Branch = created.Branch,
        Parent = created.Parent,
        Trigger = created.Trigger,
        Size = created.Size,
        Message = created.Text?.Message,
        Tags = created.Text?.Tags,
        ContentType = created.Text?.ContentType,
    };

    private static LogEvent Of(SessionEvent happened)
    {
        var (kind, detail) = (KindOf(happened.Kind), EventDetail.Read(happened.Detail));
        var told = new LogEvent
        {
            Position = happened.Position,
            Kind = IsDamaged(happened, detail) ? LogEventKind.Unknown : kind,
            At = happened.At,
            Chain = Hex(happened.Chain),
            Sequence = happened.Sequence > 0 ? happened.Sequence : null,
        };
        return detail is null || told.Kind == LogEventKind.Unknown ? told : kind switch
        {
            LogEventKind.Restored => told with { Branch = detail.Branch ?? BranchNames.Main, Undo = detail.Undo },
            LogEventKind.Annotated => told with { Severity = (AnnotationSeverity?)detail.Severity },
            LogEventKind.Tagged => told with { Tags = detail.Tags, TagsBefore = detail.TagsBefore },
            LogEventKind.Compacted => told with { Deleted = detail.Deleted, Remaining = detail.Remaining },
            LogEventKind.Forked => told with { Origin = OriginOf(detail.Origin) },
            LogEventKind.Written => told with
            {
                Writes = detail.Writes is { } writes ? [.. writes.Select(w => new EventWrite(w.Task, w.Index, w.Name, w.Size))] : null,
            },
            LogEventKind.Imported => told with { First = detail.First, Last = detail.Last, Count = detail.Count, Epoch = detail.Epoch },
            LogEventKind.Claimed or LogEventKind.Released => told with
            {
                Epoch = detail.Epoch,
                Owner = detail.Owner,
                Until = TimeOf(detail.Until),
            },
            LogEventKind.EffectsImported => told with { Count = detail.Effects },
            LogEventKind.CheckpointMissed => told with
            {
                Trigger = (CheckpointTrigger?)detail.Trigger,
                DueSince = TimeOf(detail.Since),
                Told = detail.Told,
            },
            LogEventKind.EffectBegun or LogEventKind.EffectCompleted or LogEventKind.EffectFailed or LogEventKind.EffectResolved
                or LogEventKind.EffectRefused => told with { Effect = detail.Effect?.ToEvent() },
            _ => told,
        };
    }

    /// <summary>A created event that is no <see cref="CreatedEntry"/> is damaged.</summary>
    public static LogEventKind KindOf(SessionEventKind kind) => kind switch
    {
        SessionEventKind.Restored => LogEventKind.Restored,
        SessionEventKind.Deleted => LogEventKind.Deleted,
        SessionEventKind.Compacted => LogEventKind.Compacted,
        SessionEventKind.Annotated => LogEventKind.Annotated,
        SessionEventKind.Tagged => LogEventKind.Tagged,
        SessionEventKind.Forked => LogEventKind.Forked,
        SessionEventKind.Imported => LogEventKind.Imported,
        SessionEventKind.Claimed => LogEventKind.Claimed,
        SessionEventKind.Released => LogEventKind.Released,
        SessionEventKind.Revived => LogEventKind.Revived,
        SessionEventKind.Written => LogEventKind.Written,
        SessionEventKind.EffectBegun => LogEventKind.EffectBegun,
        SessionEventKind.EffectCompleted => LogEventKind.EffectCompleted,
        SessionEventKind.EffectFailed => LogEventKind.EffectFailed,
        SessionEventKind.EffectResolved => LogEventKind.EffectResolved,
        SessionEventKind.EffectRefused => LogEventKind.EffectRefused,
        SessionEventKind.EffectsImported => LogEventKind.EffectsImported,
        SessionEventKind.CheckpointMissed => LogEventKind.CheckpointMissed,
        _ => LogEventKind.Unknown,
    };

    /// <summary>True if what an event says cannot be told: it must not take those before and behind it along.</summary>
    private static bool IsDamaged(SessionEvent happened, EventDetail? detail) => detail is null
        ? happened.Detail is not null
        : detail.Until < 0 || detail.Until > LastMicrosecond
            || detail.Since < 0 || detail.Since > LastMicrosecond
            || (happened.Kind == SessionEventKind.CheckpointMissed && !Enum.IsDefined((CheckpointTrigger)(detail.Trigger ?? -1)))
            || (detail.Severity is { } severity && !Enum.IsDefined((AnnotationSeverity)severity))
            || detail.Writes?.Any(write => write is not { Task: not null, Name: not null }) is true
            || (detail.Origin is { } origin && OriginOf(origin) is null)
            || detail.Effect is { IsKnown: false };

    private static DateTimeOffset? TimeOf(long? microseconds) =>
        microseconds is { } time ? DateTimeOffset.UnixEpoch.AddTicks(time * TimeSpan.TicksPerMicrosecond) : null;

    private static EventOrigin? OriginOf(OriginDetail? origin) =>
        origin is not null && Guid.TryParse(origin.Id, out var id) && SessionId.TryParse(origin.Session, out var session)
            ? new EventOrigin(session, origin.Sequence, new CheckpointId(id), origin.Chain)
            : null;

    private static string? Hex(byte[]? chain) => chain is null ? null : Convert.ToHexStringLower(chain);
}
