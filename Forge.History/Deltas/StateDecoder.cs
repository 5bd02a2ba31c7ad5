using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>Turns encoded rows back into the state that was saved.</summary>
/// <remarks>
/// A path is decoded in one buffer: the full copy is laid down in it, and each difference moves the end of it, where the
/// length changed, and writes the middle. So a long chain of appends costs about one copy in all. Whatever the bytes are,
/// nothing outside is read and no more than the greatest size of the path is allocated.
/// </remarks>
internal static class StateDecoder
{
    /// <summary>The state of a row, with the SHA-256 that it was saved with.</summary>
    /// <exception cref="UndecodableStateException">The row, or one of the bases, is damaged or missing.</exception>
    public static ReadOnlyMemory<byte> DecodeSaved(StoredState stored)
    {
        var (row, bases) = stored;
        var state = Decode(new EncodedState(row), bases);

        // At the end, so that nothing is given out whose bytes are not the saved ones.
        if (HasChecksum(state.Span, row.Checksum))
        {
            return state;
        }

        // A full copy that is plain has no other checksum, so the damage may be there.
        const string problem = "its bytes do not have the SHA-256 they were saved with";
        throw bases is [{ Codec: StateCodec.Plain } full, ..] && !HasChecksum(full.Stored.Span, full.Checksum)
            ? new UndecodableStateException(full.Sequence, full.Id, problem)
            : new UndecodableStateException(row.Sequence, row.Id, problem);
    }

    /// <summary>The state of a row; the stored bytes themselves if they are plain.</summary>
    /// <param name="row">The row.</param>
    /// <param name="bases">What it is decoded on, as <see cref="BasePath.Follow"/> answers it.</param>
    /// <exception cref="UndecodableStateException">The row, or one of the bases, is damaged or missing.</exception>
    public static ReadOnlyMemory<byte> Decode(in EncodedState row, IReadOnlyList<EncodedState> bases)
    {
        RequireWhole(row, bases);
        if (row.Codec == StateCodec.Plain)
        {
            return row.Stored;
        }

        var capacity = row.Size;
        foreach (var item in bases)
        {
            capacity = Math.Max(capacity, item.Size);
        }

        var buffer = StateBuffers.Rent(capacity);
        try
        {
            var length = 0;
            foreach (var item in bases)
            {
                length = Apply(buffer, length, item);
            }

            return StateBuffers.Keep(buffer, Apply(buffer, length, row));
        }
        catch (UndecodableStateException)
        {
            StateBuffers.Return(buffer);
            throw;
        }
    }

    /// <summary>The state of a row whose base is at hand.</summary>
    /// <exception cref="UndecodableStateException">The row is damaged.</exception>
    public static ReadOnlyMemory<byte> Decode(in EncodedState row, ReadOnlySpan<byte> basis)
    {
        RequireSound(row);
        var state = new byte[Math.Max(row.Size, basis.Length)];
        basis.CopyTo(state);
        var length = Apply(state, basis.Length, row);
        return state.AsMemory(0, length);
    }

    private static bool HasChecksum(ReadOnlySpan<byte> state, ReadOnlySpan<byte> checksum)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(state, hash);
        return hash.SequenceEqual(checksum);
    }

    private static void RequireWhole(in EncodedState row, IReadOnlyList<EncodedState> bases)
    {
        EncodedState? before = null;
        foreach (var item in bases)
        {
            RequireSound(item);
            RequireBase(item, before);
            before = item;
        }

        RequireSound(row);
        RequireBase(row, before);
    }

    private static void RequireBase(in EncodedState row, EncodedState? before)
    {
        if (row.Base is { } missing && before?.Sequence != missing)
        {
            throw new UndecodableStateException(
                missing, default, $"it is not there or damaged, and the state of checkpoint {row.Sequence} is a difference from it");
        }
    }

    /// <summary>Checks a row by itself, so that of a path the damaged row is named and not one that stands on it.</summary>
    private static void RequireSound(in EncodedState row)
    {
        var isDelta = row.Codec is StateCodec.Delta or StateCodec.CompressedDelta;
        if (row.Codec is < StateCodec.Plain or > StateCodec.CompressedDelta)
        {
            throw Damaged(row, row.Codec == StateCodec.NotOpened
                ? "it is not the one that was sealed here"
                : $"its codec {row.Codec} is not known");
        }

        if (row.Size is < 0 or > StateCodec.MaxSize)
        {
            throw Damaged(row, $"its size {row.Size} is not one of a state");
        }

        if (isDelta != row.Base is not null)
        {
            throw Damaged(row, $"its codec {row.Codec} does not go with {(isDelta ? "no base" : $"base {row.Base}")}");
        }

        if (row.Codec == StateCodec.Plain ? row.Stored.Length != row.Size : !StateFrame.IsSealed(row.Stored.Span, row))
        {
            throw Damaged(row, row.Codec == StateCodec.Plain
                ? $"it has {row.Stored.Length} bytes where {row.Size} were saved"
                : "its encoded bytes do not have the checksum they were written with");
        }
    }

    /// <summary>Makes the state in a buffer the next one of a path; answers its length.</summary>
    private static int Apply(Span<byte> buffer, int length, in EncodedState row)
    {
        var stored = row.Stored.Span;
        switch (row.Codec)
        {
            case StateCodec.Plain:
                stored.CopyTo(buffer);
                return row.Size;
            case StateCodec.Compressed:
                return Zstd.TryDecompress(stored[StateFrame.ChecksumBytes..], default, buffer[..row.Size])
                    ? row.Size
                    : throw Damaged(row, "its encoded bytes are no such frame");
        }

        var rest = stored[StateFrame.ChecksumBytes..];
        if (!StateFrame.TryReadVarint(ref rest, out var prefix) || !StateFrame.TryReadVarint(ref rest, out var suffix)
            || (long)prefix + suffix > Math.Min(length, row.Size))
        {
            throw Damaged(row, "it does not fit the state it is a difference from");
        }

        var (ends, middle) = (new SharedEnds(prefix, suffix), row.Size - prefix - suffix);
        if (row.Codec == StateCodec.Delta)
        {
            if (rest.Length != middle)
            {
                throw Damaged(row, $"it has {rest.Length} changed bytes where there are {middle}");
            }

            Replace(buffer, length, row.Size, ends, rest);
            return row.Size;
        }

        // Not in place: the middle goes where its own dictionary is.
        var decompressed = StateBuffers.Rent(middle);
        try
        {
            var dictionary = buffer[..length][DictionaryWindow.Of(length, ends, middle)];
            if (!Zstd.TryDecompress(rest, dictionary, decompressed.AsSpan(0, middle)))
            {
                throw Damaged(row, "its encoded bytes are no such frame");
            }

            Replace(buffer, length, row.Size, ends, decompressed.AsSpan(0, middle));
            return row.Size;
        }
        finally
        {
            StateBuffers.Return(decompressed);
        }
    }

    private static void Replace(Span<byte> buffer, int length, int size, SharedEnds ends, ReadOnlySpan<byte> middle)
    {
        if (length != size)
        {
            buffer.Slice(length - ends.Suffix, ends.Suffix).CopyTo(buffer[(size - ends.Suffix)..]);
        }

        middle.CopyTo(buffer[ends.Prefix..]);
    }

    private static UndecodableStateException Damaged(in EncodedState row, string problem) => new(row.Sequence, row.Id, problem);
}
