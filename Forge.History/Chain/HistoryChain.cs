using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Chain;

/// <summary>
/// The hash chain over a session's log. The value of a position is the SHA-256 of the value of the one before it and of a
/// canonical encoding of what happened there. The encoding is laid out in docs/integrity.md and never changes; another one
/// gets another version.
/// </summary>
internal static class HistoryChain
{
    /// <summary>The length of a value, in bytes.</summary>
    public const int Length = 32;

    private const byte Version = 1;
    private const byte Create = 1;
    private const byte Event = 2;
    private const byte Imported = 3;
    private const byte OwnBeginning = 0;

    /// <summary>Enough for a create with a short message and few tags, without the pool.</summary>
    private const int StackBytes = 1024;

    /// <summary>What stands before the first position of a session that began by itself.</summary>
    public static byte[] Genesis(SessionAddress address, int incarnation)
    {
        var buffer = new ChainBuffer(stackalloc byte[StackBytes]);
        buffer.Text("forge.history");
        buffer.Byte(Version);
        buffer.Byte(OwnBeginning);
        buffer.Text(address.Tenant.Value);
        buffer.Text(address.Session.Value);
        buffer.Number(incarnation);
        return buffer.Hash();
    }

    /// <summary>The value of a create.</summary>
    public static byte[] Next(ReadOnlySpan<byte> previous, StoredCheckpoint row)
    {
        var buffer = Begin(stackalloc byte[StackBytes], previous, Create);
        buffer.Number(row.Position);
        buffer.Checkpoint(row);
        AddedFields.Write(ref buffer, row);
        return buffer.Hash();
    }

    /// <summary>The value of an event that is no create.</summary>
    public static byte[] Next(ReadOnlySpan<byte> previous, SessionEvent happened)
    {
        var buffer = Begin(stackalloc byte[StackBytes], previous, Event);
        buffer.Number(happened.Position);
        buffer.Number((short)happened.Kind);
        buffer.Time(happened.At);
        buffer.Number(happened.Sequence);
        buffer.Number(happened.LastSequence);
        buffer.OptionalText(happened.Detail);
        return buffer.Hash();
    }

    /// <summary>
    /// What stands before the first checkpoint of an import. Imported checkpoints are a chain of their own, of which the
    /// last value stands in the detail of the import's event.
    /// </summary>
    /// <param name="documentChain">The chain value that the document ends with; null if it has none.</param>
    public static byte[] ImportGenesis(ReadOnlySpan<byte> documentChain)
    {
        var buffer = new ChainBuffer(stackalloc byte[StackBytes]);
        buffer.Text("forge.import");
        buffer.Byte(Version);
        buffer.Bytes(documentChain);
        return buffer.Hash();
    }

    /// <summary>The value of an imported checkpoint, with all that it brought along.</summary>
    /// <param name="previous">The value of the one before it in the import.</param>
    /// <param name="row">The checkpoint.</param>
    /// <param name="tags">The tags that it came with.</param>
    /// <param name="trunk">Whether it came marked as a trunk.</param>
    /// <param name="annotations">The annotations that it came with.</param>
    public static byte[] NextImported(
        ReadOnlySpan<byte> previous,
        StoredCheckpoint row,
        IReadOnlyList<string> tags,
        bool trunk,
        IReadOnlyList<Annotation> annotations)
    {
        var buffer = Begin(stackalloc byte[StackBytes], previous, Imported);
        buffer.Checkpoint(row);
        buffer.Texts(tags);
        buffer.Byte((byte)(trunk ? 1 : 0));
        buffer.Number(annotations.Count);
        for (var i = 0; i < annotations.Count; i++)
        {
            buffer.Number(annotations[i].Position);
            buffer.Time(annotations[i].At);
            buffer.Number((short)annotations[i].Severity);
            buffer.Text(annotations[i].Text);
        }

        AddedFields.Write(ref buffer, row);
        return buffer.Hash();
    }

    private static ChainBuffer Begin(Span<byte> stack, ReadOnlySpan<byte> previous, byte kind)
    {
        var buffer = new ChainBuffer(stack);
        buffer.Raw(previous);
        buffer.Byte(Version);
        buffer.Byte(kind);
        return buffer;
    }
}
