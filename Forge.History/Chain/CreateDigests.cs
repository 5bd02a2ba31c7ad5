using System.Buffers.Binary;
using Forge.Checkpoints;
using Forge.Identity;

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
internal readonly record struct CreateDigests(
    UInt128 State, ulong Message, ulong ContentType, CheckpointTrigger Trigger, ulong Tags)
{
    /// <summary>The length of the four digests, in bytes.</summary>
    public const int Length = 40;

    private const byte StateField = 1;
    private const byte MessageField = 2;
    private const byte ContentTypeField = 3;
    private const byte TagsField = 4;

    /// <summary>Enough for a short message and few tags, without the pool.</summary>
    private const int StackBytes = 512;

    /// <param name="id">The id of the checkpoint.</param>
    /// <param name="checksum">The SHA-256 of its state.</param>
    /// <param name="message">Its message.</param>
    /// <param name="contentType">Its content type.</param>
    /// <param name="trigger">Its trigger.</param>
    /// <param name="tags">The tags it was created with.</param>
    public static CreateDigests Of(
        CheckpointId id,
        ReadOnlySpan<byte> checksum,
        string message,
        string contentType,
        CheckpointTrigger trigger,
        IReadOnlyList<string> tags) => new(
            BinaryPrimitives.ReadUInt128BigEndian(Begin(stackalloc byte[StackBytes], StateField, id, checksum).Hash()),
            OfText(MessageField, id, checksum, message),
            OfText(ContentTypeField, id, checksum, contentType),
            trigger,
            OfTags(id, checksum, tags));

    /// <summary>The digests that <see cref="Write"/> wrote.</summary>
    /// <param name="source">At least <see cref="Length"/> bytes.</param>
    /// <param name="trigger">The trigger, which is not among them.</param>
    public static CreateDigests Read(ReadOnlySpan<byte> source, CheckpointTrigger trigger) => new(
        BinaryPrimitives.ReadUInt128BigEndian(source),
        BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(source[24..]),
        trigger,
        BinaryPrimitives.ReadUInt64BigEndian(source[32..]));

    /// <summary>Writes the digests, without the trigger, as <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, State);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], Message);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], ContentType);
        BinaryPrimitives.WriteUInt64BigEndian(destination[32..], Tags);
    }

    /// <summary>The first field in which a request with the same id differs; null if it is the same request.</summary>
    public string? DifferenceFrom(CreateDigests other) =>
        other.State != State ? "state"
        : other.Message != Message ? "message"
        : other.ContentType != ContentType ? "contentType"
        : other.Trigger != Trigger ? "trigger"
        : other.Tags != Tags ? "tags"
        : null;

    private static ulong OfText(byte field, CheckpointId id, ReadOnlySpan<byte> checksum, string text)
    {
        var buffer = Begin(stackalloc byte[StackBytes], field, id, checksum);
        buffer.Text(text);
        return BinaryPrimitives.ReadUInt64BigEndian(buffer.Hash());
    }

    private static ulong OfTags(CheckpointId id, ReadOnlySpan<byte> checksum, IReadOnlyList<string> tags)
    {
        var buffer = Begin(stackalloc byte[StackBytes], TagsField, id, checksum);
        buffer.Texts(tags);
        return BinaryPrimitives.ReadUInt64BigEndian(buffer.Hash());
    }

    private static ChainBuffer Begin(Span<byte> stack, byte field, CheckpointId id, ReadOnlySpan<byte> checksum)
    {
        var buffer = new ChainBuffer(stack);
        buffer.Text("forge.create");
        buffer.Byte(field);
        buffer.Id(id.Value);
        buffer.Bytes(checksum);
        return buffer;
    }
}
