using System.Globalization;
using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Chain;

/// <summary>
/// What stays in the log of a checkpoint whose row is gone: that it was created. It keeps nothing that was said in it, so that
/// its link cannot be computed again; a seal over all that is kept takes its place.
/// </summary>
/// <param name="Position">The position of its created event.</param>
/// <param name="At">When it was created.</param>
/// <param name="Id">Its id.</param>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Parent">Its parent's sequence; 0 for none.</param>
/// <param name="Trigger">Why it was taken.</param>
/// <param name="Size">The length of its state as saved.</param>
/// <param name="Chain">The chain value of the position; null if it had none.</param>
internal sealed record RemovedCheckpoint(
    long Position,
    DateTimeOffset At,
    CheckpointId Id,
    long Sequence,
    long Parent,
    CheckpointTrigger Trigger,
    long Size,
    byte[]? Chain)
{
    /// <summary>What stays of a row; null for a checkpoint of an early import, which has no position.</summary>
    public static RemovedCheckpoint? Of(StoredCheckpoint row) => row.Position == 0
        ? null
        : new(row.Position, row.CreatedAt, row.Id, row.Sequence, row.Parent, row.Trigger, row.Size, row.Chain);

    /// <summary>Reads what an event says; null if it is none that <see cref="ToEvent"/> made.</summary>
    public static RemovedCheckpoint? Read(SessionEvent happened)
    {
        if (happened.Kind != SessionEventKind.Created
            || EventDetail.Read(happened.Detail) is not { Id: { } id, Parent: { } parent, Trigger: { } trigger, Size: { } size }
            || !Guid.TryParse(id, out var value))
        {
            return null;
        }

        var read = new RemovedCheckpoint(
            happened.Position, happened.At, new CheckpointId(value), happened.Sequence, parent, (CheckpointTrigger)trigger, size,
            happened.Chain);
        var written = read.ToEvent();
        return written.Detail == happened.Detail && written.LastSequence == happened.LastSequence ? read : null;
    }

    /// <summary>The event, with the seal in its detail.</summary>
    public SessionEvent ToEvent() => new(
        Position,
        SessionEventKind.Created,
        At,
        Sequence,
        Sequence - 1,
        new EventDetail
        {
            Id = Id.ToString(),
            Parent = Parent,
            Trigger = (short)Trigger,
            Size = Size,
            Seal = RowSeal.OfRemoved(this).ToString(CultureInfo.InvariantCulture),
        }.ToJson(),
        Chain);
}
