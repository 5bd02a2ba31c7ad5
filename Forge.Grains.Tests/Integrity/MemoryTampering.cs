using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.InMemory;
using Forge.History.Rows;
using Forge.History.Verification;

namespace Forge.Grains.Tests.Integrity;

/// <summary>Changes one value of one row of a store in memory, behind the service's back.</summary>
internal static class MemoryTampering
{
    /// <summary>What was changed: where, and what, for the message of a failure.</summary>
    public readonly record struct Change(long Position, long Sequence, bool IsHead, string What);

    /// <summary>Makes one random change of one session.</summary>
    public static Change Tamper(InMemoryHistoryStore store, long key, Random random)
    {
        ref var history = ref History(store);
        var rows = history.Rows(key);
        var (after, change) = random.Next(10) switch
        {
            0 => Head(rows, random),
            1 when rows.Events.Count > 0 => Event(rows, random),
            2 when rows.Runs.Count > 0 => Run(rows, random),
            3 when rows.Checkpoints.Values.Any(c => c.Annotations.Count > 0) => Note(rows, random),
            4 => Whole(rows, random),
            _ when Covered(rows).Any() => Checkpoint(rows, random),
            _ => Head(rows, random),
        };
        history = history.With(key, after);
        return change;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_history")]
    public static extern ref InMemoryHistory History(InMemoryHistoryStore store);

    /// <summary>All but imported checkpoints that were removed and are kept for others: of those the states alone are covered.</summary>
    private static IEnumerable<StoredCheckpoint> Covered(SessionRows rows)
    {
        var imports = rows.Events.Values.Select(ImportSegment.Of).OfType<ImportSegment>().ToList();
        return rows.Checkpoints.Values.Where(
            c => rows.IsVisible(c.Sequence) || !imports.Exists(i => i.Has(c.Position)));
    }

    private static T Pick<T>(IEnumerable<T> items, Random random) => items.ElementAt(random.Next(items.Count()));

    private static (SessionRows, Change) Head(SessionRows rows, Random random)
    {
        var head = rows.Head!;
        var (name, after) = random.Next(12) switch
        {
            0 => ("version", head with { Version = head.Version + 1 }),
            1 => ("last_batch", head with { LastBatch = Guid.Empty }),
            2 => ("created_at", head with { CreatedAt = head.CreatedAt.AddMicroseconds(1) }),
            3 => ("last_created_at", head with { LastCreatedAt = head.LastCreatedAt?.AddMicroseconds(-1) ?? HistoryStart }),
            4 => ("last_sequence", head with { LastSequence = head.LastSequence + 1 }),
            5 => ("head", head with { Head = head.Head + 1 }),
            6 => ("current", head with { Current = head.Current + 1 }),
            7 => ("last_position", head with { LastPosition = head.LastPosition - 1 }),
            8 => ("count", head with { Count = head.Count + 1 }),
            9 => ("bytes", head with { Bytes = head.Bytes ^ 64 }),
            10 => ("chain", head with { Chain = Flip(head.Chain, random) }),
            _ => ("seal", head with { Seal = null }),
        };
        return (rows with { Head = after }, new Change(0, 0, true, $"head {name}"));
    }

    private static DateTimeOffset HistoryStart => DateTimeOffset.UnixEpoch;

    private static (SessionRows, Change) Event(SessionRows rows, Random random)
    {
        var before = Pick(rows.Events.Values, random);
        var (name, after) = random.Next(7) switch
        {
            0 => ("kind", before with { Kind = before.Kind == SessionEventKind.Tagged ? SessionEventKind.Deleted : SessionEventKind.Tagged }),
            1 => ("at", before with { At = before.At.AddMicroseconds(1) }),
            2 => ("sequence", before with { Sequence = before.Sequence + 1 }),
            3 => ("last_sequence", before with { LastSequence = before.LastSequence + 1 }),
            4 => ("detail", before with { Detail = Flip(before.Detail!, random) }),
            5 => ("chain", before with { Chain = Flip(before.Chain, random) }),
            _ => ("chain null", before with { Chain = null }),
        };
        return (rows with { Events = rows.Events.SetItem(before.Position, after) },
            new Change(before.Position, 0, false, $"event {before.Kind} {name}"));
    }

    private static (SessionRows, Change) Run(SessionRows rows, Random random)
    {
        var before = Pick(rows.Runs.Values, random);
        var (name, after) = random.Next(7) switch
        {
            0 => ("first_position", before with { FirstPosition = before.FirstPosition + 1 }),
            1 => ("last_position", before with { LastPosition = before.LastPosition + 1 }),
            2 => ("creates", before with { Creates = before.Creates + 1 }),
            3 => ("bytes", before with { Bytes = before.Bytes ^ 1 }),
            4 => ("last_sequence", before with { LastSequence = before.LastSequence + 1 }),
            5 => ("chain", before with { Chain = Flip(before.Chain, random) }),
            _ => ("seal", before with { Seal = before.Seal ^ 1 }),
        };
        return (rows with { Runs = rows.Runs.Remove(before.FirstPosition).Add(after.FirstPosition, after) },
            new Change(before.FirstPosition, 0, false, $"run {name}"));
    }

    private static (SessionRows, Change) Note(SessionRows rows, Random random)
    {
        var row = Pick(rows.Checkpoints.Values.Where(c => c.Annotations.Count > 0), random);
        var at = random.Next(row.Annotations.Count);
        var before = row.Annotations[at];
        var notes = row.Annotations.ToList();
        var name = "text";
        switch (random.Next(5))
        {
            case 0:
                (name, notes[at]) = ("position", before with { Position = before.Position + 1000 });
                break;
            case 1:
                (name, notes[at]) = ("at", before with { At = before.At.AddMicroseconds(1) });
                break;
            case 2:
                (name, notes[at]) = ("severity", before with { Severity = (AnnotationSeverity)(((int)before.Severity + 1) % 3) });
                break;
            case 3:
                name = "removed";
                notes.RemoveAt(at);
                break;
            default:
                notes[at] = before with { Text = before.Text + "x" };
                break;
        }

        return (rows.Change(row.Sequence, r => r with { Annotations = notes }),
            new Change(row.Position, row.Sequence, false, $"annotation {name}"));
    }

    private static (SessionRows, Change) Checkpoint(SessionRows rows, Random random)
    {
        var before = Pick(Covered(rows), random);
        var (name, after) = random.Next(16) switch
        {
            0 => ("id", before with { Id = new Identity.CheckpointId(Guid.NewGuid()) }),
            1 => ("created_at", before with { CreatedAt = before.CreatedAt.AddMicroseconds(1) }),
            2 => ("position", before with { Position = before.Position + random.Next(1, 4) }),
            3 => ("parent", before with { Parent = before.Parent + 1 }),
            4 => ("message", before with { Message = Flip(before.Message, random) }),
            5 => ("tags", before with { Tags = [.. before.Tags, "more"] }),
            6 => ("first_tags", before with { FirstTags = [.. before.FirstTags ?? before.Tags, "more"] }),
            7 => ("trigger", before with { Trigger = before.Trigger + 1 }),
            8 => ("content_type", before with { ContentType = before.ContentType + "x" }),
            9 => ("size", before with { Size = before.Size + 1 }),
            10 => ("checksum", before with { Checksum = Flip(before.Checksum, random)! }),
            11 => ("codec", before with { Codec = (short)((before.Codec + 1) % 5) }),
            12 => ("stored_size", before with { StoredSize = before.StoredSize + 1 }),
            13 => ("trunk", before with { Trunk = !before.Trunk }),
            14 => ("chain", before with { Chain = random.Next(2) == 0 ? null : Flip(before.Chain, random) }),
            _ => ("stored", before with { Stored = Flip(before.Stored.ToArray(), random) }),
        };
        return (rows.Change(before.Sequence, _ => after),
            new Change(before.Position, before.Sequence, false, $"checkpoint {name}{(before.Removed ? " (hidden)" : "")}"));
    }

    /// <summary>Whole rows: removed, inserted, swapped, hidden or shown.</summary>
    private static (SessionRows, Change) Whole(SessionRows rows, Random random)
    {
        if (Covered(rows).Count() < 2)
        {
            return Head(rows, random);
        }

        var row = Pick(Covered(rows), random);
        var other = Pick(Covered(rows).Where(c => c.Sequence != row.Sequence), random);
        switch (random.Next(5))
        {
            case 0:
                return (rows with { Checkpoints = rows.Checkpoints.Remove(row.Sequence) }, new Change(row.Position, row.Sequence, false, "row removed"));
            case 1:
                var sequence = rows.Head!.LastSequence + 1;
                return (rows with { Checkpoints = rows.Checkpoints.Add(sequence, row with { Sequence = sequence }) },
                    new Change(row.Position, sequence, false, "row inserted"));
            case 2 when rows.Events.Count > 0:
                var gone = Pick(rows.Events.Values, random);
                return (rows with { Events = rows.Events.Remove(gone.Position) }, new Change(gone.Position, 0, false, $"event {gone.Kind} removed"));
            case 3 when !rows.IsRemoved(row.Sequence):
                return (rows.Change(row.Sequence, r => r with { Removed = !r.Removed }), new Change(row.Position, row.Sequence, false, "removed flag"));
            default:
                return (
                    rows.Change(row.Sequence, r => other with { Sequence = r.Sequence }).Change(other.Sequence, r => row with { Sequence = r.Sequence }),
                    new Change(row.Position, row.Sequence, false, "rows swapped"));
        }
    }

    private static byte[]? Flip(byte[]? bytes, Random random)
    {
        if (bytes is null or [])
        {
            return [1];
        }

        var after = bytes.ToArray();
        after[random.Next(after.Length)] ^= (byte)(1 << random.Next(8));
        return after;
    }

    private static string Flip(string text, Random random)
    {
        var after = text.ToCharArray();
        var at = random.Next(after.Length);
        after[at] = after[at] == 'x' ? 'y' : 'x';
        return new string(after);
    }
}
