using System.Buffers.Binary;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Chain;

/// <summary>
/// Checks over whole rows that the chain does not cover value by value. Part of the row that they check, written with it.
/// </summary>
internal static class RowSeal
{
    /// <summary>The seal of a head row: the first eight bytes of the SHA-256 of everything in it but its settings.</summary>
    /// <param name="address">The session.</param>
    /// <param name="head">The row.</param>
    /// <param name="batch">What <see cref="SessionHead.LastBatch"/> is when it is stored.</param>
    public static long OfHead(SessionAddress address, SessionHead head, Guid batch)
    {
        var buffer = new ChainBuffer(stackalloc byte[1024]);
        buffer.Text("forge.head");
        buffer.Number(head.Key);
        buffer.Text(address.Tenant.Value);
        buffer.Text(address.Session.Value);
        buffer.Number(head.Incarnation);
        buffer.Number(head.Version);
        buffer.Id(batch);
        buffer.Time(head.CreatedAt);
        buffer.Time(head.LastCreatedAt);
        buffer.Number(head.LastSequence);
        buffer.Number(head.Head);
        buffer.Number(head.Current);
        buffer.Number(head.LastPosition);
        buffer.Number(head.Count);
        buffer.Number(head.Bytes);
        buffer.Number(head.OriginKey);
        buffer.Number(head.OriginSequence);
        buffer.Bytes(head.Chain);
        buffer.Number(head.ChainedAfter);
        buffer.Time(head.DeletedAt);
        if (head.ClaimEpoch is not null || head.ClaimOwner is not null || head.ClaimUntil is not null)
        {
            // A row of a session that was never claimed has the seal that it had before there were claims.
            buffer.Text("claim");
            buffer.Number(head.ClaimEpoch);
            buffer.OptionalText(head.ClaimOwner);
            buffer.Time(head.ClaimUntil);
        }

        if (head.WriteCount is not null || head.WriteBytes is not null)
        {
            // The same of one that never had pending writes.
            buffer.Text("writes");
            buffer.Number(head.WriteCount);
            buffer.Number(head.WriteBytes);
        }

        if (head.EffectCount is not null || head.TokenCount is not null)
        {
            buffer.Text("effects");
            buffer.Number(head.EffectCount);
            buffer.Number(head.TokenCount);
        }

        if (head.DueState is not null)
        {
            buffer.Text("due");
            buffer.Text(head.DueState);
        }

        return BinaryPrimitives.ReadInt64BigEndian(buffer.Hash());
    }

    /// <summary>The seal of what stays of a removed checkpoint: the first eight bytes of the SHA-256 of everything in it.</summary>
    public static long OfRemoved(RemovedCheckpoint row)
    {
        var buffer = new ChainBuffer(stackalloc byte[256]);
        buffer.Text("forge.removed");
        buffer.Number(row.Position);
        buffer.Time(row.At);
        buffer.Id(row.Id.Value);
        buffer.Number(row.Sequence);
        buffer.Number(row.Parent);
        buffer.Number((short)row.Trigger);
        buffer.Number(row.Size);
        buffer.Bytes(row.Chain);
        return BinaryPrimitives.ReadInt64BigEndian(buffer.Hash());
    }

    /// <summary>The seal of what is known of the ancestors of removed checkpoints: the first eight bytes of the SHA-256 of all of it.</summary>
    public static long OfLineage(long first, long last, long ancestor)
    {
        var buffer = new ChainBuffer(stackalloc byte[64]);
        buffer.Text("forge.lineage");
        buffer.Number(first);
        buffer.Number(last);
        buffer.Number(ancestor);
        return BinaryPrimitives.ReadInt64BigEndian(buffer.Hash());
    }

    /// <summary>The seal of where a branch stands: the first eight bytes of the SHA-256 of all of it.</summary>
    public static long OfBranch(SessionAddress address, string branch, long head, long current, long count)
    {
        var buffer = new ChainBuffer(stackalloc byte[1024]);
        buffer.Text("forge.branch");
        buffer.Text(address.Tenant.Value);
        buffer.Text(address.Session.Value);
        buffer.Text(branch);
        buffer.Number(head);
        buffer.Number(current);
        buffer.Number(count);
        return BinaryPrimitives.ReadInt64BigEndian(buffer.Hash());
    }

    /// <summary>The seal of a pending write: the first eight bytes of the SHA-256 of all of it, and of its value by its SHA-256.</summary>
    public static long OfWrite(SessionAddress address, StoredWrite write)
    {
        var buffer = new ChainBuffer(stackalloc byte[1024]);
        buffer.Text("forge.write");
        buffer.Text(address.Tenant.Value);
        buffer.Text(address.Session.Value);
        buffer.Number(write.Sequence);
        buffer.Text(write.Task);
        buffer.Number(write.Index);
        buffer.Text(write.Name);
        buffer.Text(write.ContentType);
        buffer.Time(write.At);
        buffer.Number(write.Size);
        buffer.Bytes(write.Checksum);
        return BinaryPrimitives.ReadInt64BigEndian(buffer.Hash());
    }

    /// <summary>A pending write with its seal.</summary>
    public static StoredWrite Sealed(SessionAddress address, StoredWrite write) => write with { Seal = OfWrite(address, write) };

    /// <summary>The digest of what may be long in the row of an effect: the SHA-256 of all of it.</summary>
    public static byte[] DigestOfEffect(StoredEffect row)
    {
        var buffer = new ChainBuffer(stackalloc byte[1024]);
        buffer.Text("forge.effect.long");
        buffer.OptionalText(row.RequestText);
        buffer.OptionalText(row.ContentType);
        buffer.Byte((byte)(row.Result is null ? 0 : 1));
        buffer.Bytes(row.Result);
        buffer.OptionalText(row.Reason);
        buffer.OptionalText(row.ResolvedBy);
        buffer.OptionalText(row.Evidence);
        return buffer.Hash();
    }

    /// <summary>The seal of the row of an effect: the first eight bytes of the SHA-256 of all of it, what may be long by its digest.</summary>
    public static long OfEffect(SessionAddress address, StoredEffect row)
    {
        var buffer = new ChainBuffer(stackalloc byte[1024]);
        buffer.Text("forge.effect");
        buffer.Text(address.Tenant.Value);
        buffer.Text(address.Session.Value);
        buffer.Text(row.Key);
        buffer.Number((short)row.Class);
        buffer.Number((short)row.State);
        buffer.Number(row.Epoch);
        buffer.Number(row.FirstAfter);
        buffer.Number(row.After);
        buffer.Time(row.BegunAt);
        buffer.Time(row.Until);
        buffer.Time(row.ChangedAt);
        buffer.Number(row.Position);
        buffer.Bytes(row.Request);
        buffer.Text(row.TargetKey);
        buffer.Bytes(row.Digest);
        return BinaryPrimitives.ReadInt64BigEndian(buffer.Hash());
    }

    /// <summary>The seal of a removed run: the first eight bytes of the SHA-256 of everything in it.</summary>
    public static long OfRun(RemovedRun run)
    {
        var buffer = new ChainBuffer(stackalloc byte[256]);
        buffer.Text("forge.run");
        buffer.Number(run.FirstPosition);
        buffer.Number(run.LastPosition);
        buffer.Number(run.Creates);
        buffer.Number(run.Bytes);
        buffer.Number(run.LastSequence);
        buffer.Bytes(run.Chain);
        return BinaryPrimitives.ReadInt64BigEndian(buffer.Hash());
    }
}
