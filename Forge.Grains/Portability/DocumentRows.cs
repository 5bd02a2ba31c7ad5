using System.Text.Json;
using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Verification;
using Forge.Identity;

namespace Forge.Grains.Portability;

/// <summary>What a session's rows are in a document, and what a document's records are in a session: the one place that knows both.</summary>
internal static partial class DocumentRows
{
    /// <summary>What the document of a session begins with.</summary>
    /// <param name="address">The session.</param>
    /// <param name="read">Its head row and where its branches stand.</param>
    /// <param name="now">The time.</param>
    /// <param name="origin">Its link to the session that it was forked from; null if it was not.</param>
    /// <param name="require">True if some of its checkpoints require others.</param>
    public static DocumentHeader HeaderOf(
        SessionAddress address, HeadRead read, DateTimeOffset now, ForkLink? origin = null, bool require = false) =>
        HeaderOf(address, read.Head, now) with
        {
            Require = require,
            Writes = read.Head.WriteCount ?? 0,
            Branches = read.Branches.ToDictionary(b => b.Key, b => b.Value.Current.Sequence, StringComparer.Ordinal),
            Origin = origin is null ? null : new DocumentOrigin(SessionId.Parse(origin.Origin), origin.Sequence, origin.Id, origin.Chain),
        };

    private static DocumentHeader HeaderOf(SessionAddress address, SessionHead head, DateTimeOffset now) => new()
    {
        Address = address,
        ExportedAt = now,
        CreatedAt = head.CreatedAt,
        Count = head.Count,
        LastSequence = head.LastSequence,
        LastPosition = head.LastPosition,
        Head = head.Head,
        Current = head.Current,
        Chain = head.Chain,
        Settings = head.Settings,
        ClaimEpoch = head.ClaimEpoch,
        Effects = head.EffectCount ?? 0,
    };

    /// <summary>
    /// The link that a header tells of; null for none. It names the origin, and no session of this database: one that has the name may be
    /// another.
    /// </summary>
    public static ForkLink? LinkOf(DocumentHeader header) => header.Origin is { } origin
        ? new ForkLink
        {
            OriginIncarnation = 1,
            Origin = origin.Session.Value,
            Sequence = origin.Sequence,
            Id = origin.Id,
            Chain = origin.Chain,
            At = header.ExportedAt,
        }
        : null;

    /// <summary>The line of a checkpoint whose state is plain.</summary>
    /// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
    public static DocumentCheckpoint CheckpointOf(SessionAddress address, AnnotatedCheckpoint checkpoint) => new()
    {
        Summary = checkpoint.Row.ToSummary(),
        FirstTags = checkpoint.Row.FirstTags,
        Trunk = checkpoint.Row.Trunk,
        Annotations = checkpoint.Annotations,
        State = CheckpointReader.ToState(address, new StoredState(checkpoint.Row, [])),
    };

    /// <summary>The line of a pending write.</summary>
    /// <exception cref="StateCorruptedException">It is not what was written.</exception>
    public static DocumentWrite WriteOf(SessionAddress address, CheckpointId checkpoint, StoredWriteRow stored)
    {
        return stored.Row is not { } write ? throw Damaged($"its row cannot be read: {stored.Problem}")
            : WriteAudit.ProblemOf(address, write) is { } problem ? throw Damaged(problem)
            : new DocumentWrite
            {
                Sequence = write.Sequence,
                Task = write.Task,
                Index = write.Index,
                Name = write.Name,
                ContentType = write.ContentType,
                At = write.At,
                Size = write.Size,
                Checksum = Convert.ToHexStringLower(write.Checksum),
                Value = write.Value,
            };

        StateCorruptedException Damaged(string problem) => new(
            address, stored.Position.Sequence, checkpoint, $"pending write {stored.Position.Index} of task {stored.Position.Task}: {problem}");
    }

    /// <summary>The row of a line of a pending write, every value of which is checked as if a caller had given it, by the widest limits.</summary>
    /// <exception cref="InvalidRequestException">A value is bad, or is not the one that its size and SHA-256 were taken of.</exception>
    /// <exception cref="OverLimitException">A value is larger than any limit allows.</exception>
    public static StoredWrite RowOf(DocumentWrite write, SessionAddress address)
    {
        var input = new NewWrite
        {
            Task = write.Task,
            Index = write.Index,
            Name = write.Name,
            Value = write.Value,
            ContentType = write.ContentType,
        };
        WriteRules.Require([input], LimitsOptions.Widest);
        var row = WriteCommand.Of(input).ToRow(write.Sequence, write.At);
        return write.Size == row.Size && write.Checksum == Convert.ToHexStringLower(row.Checksum)
            ? RowSeal.Sealed(address, row)
            : throw new InvalidRequestException("value", "is not the one its sha256 and size were taken of");
    }

    /// <summary>
    /// The row and annotations of a line, every value of which is checked as if a caller had given it, by the widest limits.
    /// </summary>
    /// <param name="checkpoint">What the line says.</param>
    /// <param name="address">The session that it goes into.</param>
    /// <returns>
    /// Both. That the row's size and checksum are those of the line is the caller's to see; its place in the import, and so in
    /// the log, is given when it is staged.
    /// </returns>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    /// <exception cref="OverLimitException">A value is larger than any limit allows.</exception>
    public static AnnotatedCheckpoint RowOf(DocumentCheckpoint checkpoint, SessionAddress address)
    {
        var rules = SessionRules.OfAnyLimits;
        foreach (var note in checkpoint.Annotations)
        {
            rules.RequireAnnotation(note.Severity, note.Text);
        }

        var command = rules.ToCommand(
            address, CheckpointLine.ToInput(checkpoint), null, () => throw new InvalidRequestException("id", "must be given"));
        var (summary, firstTags) = (checkpoint.Summary, checkpoint.FirstTags);
        var row = command.ToRow(summary.Sequence, summary.CreatedAt, position: 0, summary.Parent ?? 0) with
        {
            FirstTags = firstTags is null ? null : rules.CheckTags("firstTags", firstTags),
            Trunk = checkpoint.Trunk,
            Requires = RequiredText.Of(summary.Requires),
        };
        return new AnnotatedCheckpoint(row, checkpoint.Annotations);
    }

    /// <summary>The settings of a header, checked and in the form that the head row has them in; null for none.</summary>
    /// <exception cref="InvalidRequestException">They cannot be read, or a value is bad.</exception>
    /// <exception cref="OverLimitException">A value is larger than any limit allows.</exception>
    public static string? SettingsOf(DocumentHeader header)
    {
        try
        {
            return header.Settings is { } settings
                ? SessionSettingsJson.Write(SessionRules.OfAnyLimits.CheckSettings(SessionSettingsJson.ReadDocument(settings)))
                : null;
        }
        catch (JsonException exception)
        {
            throw new InvalidRequestException("settings", "cannot be read", exception);
        }
    }
}
