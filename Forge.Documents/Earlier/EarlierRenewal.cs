using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Identity;
using Forge.Portability;

namespace Forge.Documents.Earlier;

/// <summary>
/// Makes checkpoints of an earlier document's, one after another, and counts what it changes. The same document gives the
/// same ids, sequences and times each time, so that it can be imported again and is skipped.
/// </summary>
/// <param name="address">The session that they go into.</param>
/// <param name="now">The time that nothing may be much later than.</param>
/// <param name="exportedAt">When the document says that it was written; null if it does not.</param>
/// <param name="session">The session that the document says it is of.</param>
/// <param name="count">How many there are.</param>
internal sealed class EarlierRenewal(
    SessionAddress address, DateTimeOffset now, DateTimeOffset? exportedAt, string session, int count)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>
    /// The latest time of a checkpoint, and what a later one becomes. Both are the document's own if they can be, so that the
    /// same document gives the same times whenever it comes in.
    /// </summary>
    private readonly (DateTimeOffset Latest, DateTimeOffset Instead) _end = exportedAt is { } written && written <= now
        ? (written + SessionDocument.ClockTolerance, written.ToMicroseconds())
        : (now + SessionDocument.ClockTolerance, now.ToMicroseconds());

    private readonly HashSet<Guid> _ids = [];
    private readonly List<EarlierImportNote> _notes = [];
    private readonly List<string> _changed = [];
    private EarlierImportReport _report = new() { Session = session };
    private DateTimeOffset _lastAt;
    private long _lastSequence;

    /// <summary>What the document says of its session.</summary>
    /// <param name="firstAt">The time of the first checkpoint.</param>
    public DocumentHeader Header(DateTimeOffset firstAt) => new()
    {
        Address = address,
        ExportedAt = now,
        CreatedAt = Earlier(firstAt, now),
        Count = count,
        LastSequence = count,
        Head = count,
        // Each has one annotation, whose position is its sequence.
        LastPosition = count,
        Current = count,
        IsEarlier = true,
    };

    /// <summary>The next checkpoint in order.</summary>
    /// <param name="earlier">What the document has.</param>
    /// <param name="place">Its place there, from 0.</param>
    public DocumentCheckpoint Renew(EarlierCheckpoint earlier, long place)
    {
        _changed.Clear();
        _lastSequence++;
        var at = TimeOf(earlier);
        var (id, message) = (IdOf(earlier, place), MessageOf(earlier));
        var checksum = Convert.ToHexStringLower(SHA256.HashData(earlier.State.Span));
        Note(earlier.Number != _lastSequence, "sequence_number", r => r with { Renumbered = r.Renumbered + 1 });
        Note(
            earlier.Session is not null && earlier.Session != session, "session_id",
            r => r with { OtherSessions = r.OtherSessions + 1 });
        CheckChecksum(earlier, checksum);
        if (_changed.Count > 0 && _notes.Count < EarlierImportReport.MaxNotes)
        {
            _notes.Add(new EarlierImportNote(place, _lastSequence, [.. _changed]));
        }

        var summary = new CheckpointSummary
        {
            Sequence = _lastSequence,
            Id = id,
            CreatedAt = at,
            Parent = _lastSequence - 1,
            Message = message,
            Tags = earlier.Tags,
            Trigger = earlier.Trigger,
            ContentType = NewCheckpoint.DefaultContentType,
            Size = earlier.State.Length,
            Checksum = checksum,
        };
        return new DocumentCheckpoint
        {
            Summary = summary,
            State = earlier.State,
            Annotations = [new Annotation(_lastSequence, now.ToMicroseconds(), AnnotationSeverity.Info, Originals(earlier))],
        };
    }

    /// <summary>What was changed of all.</summary>
    public EarlierImportReport Report(bool reordered, IReadOnlyList<string> ignored) =>
        _report with { Reordered = reordered, Ignored = ignored, Notes = [.. _notes] };

    /// <summary>A session's times never fall, and none is ahead of the clock, or the session could not go on before it.</summary>
    private DateTimeOffset TimeOf(EarlierCheckpoint earlier)
    {
        var given = earlier.At.ToMicroseconds();
        var at = given > _end.Latest ? _end.Instead : given;
        at = at < _lastAt ? _lastAt : at;
        Note(at != given, "timestamp", r => r with { TimesAdjusted = r.TimesAdjusted + 1 });
        _lastAt = at;
        return at;
    }

    private CheckpointId IdOf(EarlierCheckpoint earlier, long place)
    {
        if (CheckpointId.TryParse(earlier.Id, out var id) && _ids.Add(id.Value))
        {
            return id;
        }

        Note(true, "id", r => r with { IdsReplaced = r.IdsReplaced + 1 });
        var key = string.Create(CultureInfo.InvariantCulture, $"\0earlier/{session}/{place}/{earlier.Id}");
        id = CheckpointId.FromIdempotencyKey(address, key);
        _ids.Add(id.Value);
        return id;
    }

    private string MessageOf(EarlierCheckpoint earlier)
    {
        Note(string.IsNullOrEmpty(earlier.Message), "message", r => r with { MessagesReplaced = r.MessagesReplaced + 1 });
        return string.IsNullOrEmpty(earlier.Message)
            ? string.Create(CultureInfo.InvariantCulture, $"checkpoint {earlier.Number}")
            : earlier.Message;
    }

    /// <summary>
    /// A hint at most: the tool took its checksum before it set the tags, over a form that it does not say, so one that
    /// does not fit proves nothing.
    /// </summary>
    private void CheckChecksum(EarlierCheckpoint earlier, string checksum)
    {
        if (string.IsNullOrEmpty(earlier.Checksum))
        {
            _report = _report with { ChecksumsAbsent = _report.ChecksumsAbsent + 1 };
            return;
        }

        Note(
            !earlier.Checksum.Equals(checksum, StringComparison.OrdinalIgnoreCase), "checksum",
            r => r with { ChecksumsUnmatched = r.ChecksumsUnmatched + 1 });
    }

    private void Note(bool changed, string what, Func<EarlierImportReport, EarlierImportReport> count)
    {
        if (changed)
        {
            _changed.Add(what);
            _report = count(_report);
        }
    }

    private static string Originals(EarlierCheckpoint earlier) => JsonSerializer.Serialize(
        new
        {
            sequence_number = earlier.Number,
            id = earlier.Id,
            session_id = earlier.Session,
            timestamp = earlier.Timestamp,
            checksum = earlier.Checksum,
        },
        Json);

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => (a < b ? a : b).ToMicroseconds();
}
