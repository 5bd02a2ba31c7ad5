using System.Buffers.Binary;
using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.History.Chain;

/// <summary>
/// What a repeat of a create must have the same, in a fixed size: the trigger, and digests of the rest. Equal if the
/// requests are.
/// </summary>
/// <remarks>
/// Each digest is over the id and the checksum of the state besides what it is of: equal texts of two checkpoints have
/// different ones, and nobody can try texts against one without the state. So if the states differ, all of them do.
/// </remarks>
/// <param name="State">16 bytes of a SHA-256.</param>
/// <param name="Message">8 bytes of a SHA-256.</param>
/// <param name="ContentType">8 bytes of a SHA-256.</param>
/// <param name="Trigger">The trigger itself.</param>
/// <param name="Tags">8 bytes of a SHA-256, of the first tags in their order.</param>
/// <param name="Added">8 bytes of a SHA-256, of the added fields; null if there are none.</param>
internal readonly record struct CreateDigests(
    UInt128 State, ulong Message, ulong ContentType, CheckpointTrigger Trigger, ulong Tags, ulong? Added)
{
    /// <summary>The length of the digests without that of the added fields, in bytes.</summary>
    public const int LeastLength = 40;

    /// <summary>The length of all digests, in bytes.</summary>
    public const int MostLength = LeastLength + sizeof(ulong);

    private const byte StateField = 1;
    private const byte MessageField = 2;
    private const byte ContentTypeField = 3;
    private const byte TagsField = 4;
    private const byte AddedField = 5;

    /// <summary>Enough for a short message and few tags, without the pool.</summary>
    private const int StackBytes = 512;

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public int Length => Added is null ? LeastLength : MostLength;

    /// <param name="row">The row that the create makes or made, whatever its tags are now.</param>
    public static CreateDigests Of(StoredCheckpoint row) => new(
        BinaryPrimitives.ReadUInt128BigEndian(Begin(stackalloc byte[StackBytes], StateField, row).Hash()),
        OfText(MessageField, row, row.Message),
        OfText(ContentTypeField, row, row.ContentType),
        row.Trigger,
        OfTags(row),
        OfAdded(row));

    /// <summary>The digests that <see cref="Write"/> wrote.</summary>
    /// <param name="source">The bytes, <see cref="LeastLength"/> or <see cref="MostLength"/>.</param>
    /// <param name="trigger">The trigger, which is not among them.</param>
    public static CreateDigests Read(ReadOnlySpan<byte> source, CheckpointTrigger trigger) => new(
        BinaryPrimitives.ReadUInt128BigEndian(source),
        BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(source[24..]),
        trigger,
        BinaryPrimitives.ReadUInt64BigEndian(source[32..]),
        source.Length == MostLength ? BinaryPrimitives.ReadUInt64BigEndian(source[LeastLength..]) : null);

    /// <summary>Writes the digests, without the trigger, as <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, State);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], Message);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], ContentType);
        BinaryPrimitives.WriteUInt64BigEndian(destination[32..], Tags);
        if (Added is { } added)
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination[LeastLength..], added);
        }
    }

    /// <summary>The first field in which a request with the same id differs; null if it is the same request.</summary>
    public string? DifferenceFrom(CreateDigests other) =>
        other.State != State ? "state"
        : other.Message != Message ? "message"
        : other.ContentType != ContentType ? "contentType"
        : other.Trigger != Trigger ? "trigger"
        : other.Tags != Tags ? "tags"
        : other.Added != Added ? AddedFields.Names
        : null;

    private static ulong OfText(byte field, StoredCheckpoint row, string text)
    {
        var buffer = Begin(stackalloc byte[StackBytes], field, row);
        buffer.Text(text);
        return BinaryPrimitives.ReadUInt64BigEndian(buffer.Hash());
    }

    private static ulong OfTags(StoredCheckpoint row)
    {
        var buffer = Begin(stackalloc byte[StackBytes], TagsField, row);
        buffer.Texts(row.FirstTags ?? row.Tags);
        return BinaryPrimitives.ReadUInt64BigEndian(buffer.Hash());
    }

    private static ulong? OfAdded(StoredCheckpoint row)
    {
        var buffer = Begin(stackalloc byte[StackBytes], AddedField, row);
        return AddedFields.Write(ref buffer, row) ? BinaryPrimitives.ReadUInt64BigEndian(buffer.Hash()) : null;
    }

    private static ChainBuffer Begin(Span<byte> stack, byte field, StoredCheckpoint row)
    {
        var buffer = new ChainBuffer(stack);
        buffer.Text("forge.create");
        buffer.Byte(field);
        buffer.Id(row.Id.Value);
        buffer.Bytes(row.Checksum);
        return buffer;
    }
}
