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
    /// <summary>The event of an entry; null for a gap.</summary>
    public static LogEvent? Of(LogEntry entry) => entry switch
    {
        CreatedEntry created => Of(created),
        AnnotatedEntry note => Of(note.Event) with { Text = note.Text },
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

    /// <summary>About the bytes that an event takes in memory and on the wire.</summary>
    public static long WeightOf(LogEvent happened) => 256
        + (2L * ((happened.Message?.Length ?? 0) + (happened.Text?.Length ?? 0) + (happened.Owner?.Length ?? 0)))
        + WeightOf(happened.Tags) + WeightOf(happened.TagsBefore);

    private static long WeightOf(IReadOnlyList<string>? texts) => texts is null ? 0 : SessionChange.WeightOf(texts);

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
            Kind = detail is null && happened.Detail is not null ? LogEventKind.Unknown : kind,
            At = happened.At,
            Chain = Hex(happened.Chain),
            Sequence = happened.Sequence > 0 ? happened.Sequence : null,
        };
        return detail is null ? told : kind switch
        {
            LogEventKind.Restored => told with { Branch = detail.Branch ?? BranchNames.Main, Undo = detail.Undo },
            LogEventKind.Annotated => told with { Severity = (AnnotationSeverity?)detail.Severity },
            LogEventKind.Tagged => told with { Tags = detail.Tags, TagsBefore = detail.TagsBefore },
            LogEventKind.Compacted => told with { Deleted = detail.Deleted, Remaining = detail.Remaining },
            LogEventKind.Forked => told with { Origin = OriginOf(detail.Origin) },
            LogEventKind.Imported => told with { First = detail.First, Last = detail.Last, Count = detail.Count, Epoch = detail.Epoch },
            LogEventKind.Claimed or LogEventKind.Released => told with
            {
                Epoch = detail.Epoch,
                Owner = detail.Owner,
                Until = detail.Until is { } until ? DateTimeOffset.UnixEpoch.AddMicroseconds(until) : null,
            },
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
        _ => LogEventKind.Unknown,
    };

    private static EventOrigin? OriginOf(OriginDetail? origin) =>
        origin is not null && Guid.TryParse(origin.Id, out var id)
            ? new EventOrigin(SessionId.Parse(origin.Session), origin.Sequence, new CheckpointId(id), origin.Chain)
            : null;

    private static string? Hex(byte[]? chain) => chain is null ? null : Convert.ToHexStringLower(chain);
}
