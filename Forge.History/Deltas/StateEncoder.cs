using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>
/// Encodes a state as the difference from its parent's or as a full copy, whichever is smaller as far as that can be told
/// without trying both. Pure; the encoded bytes are all that a call leaves behind.
/// </summary>
internal static class StateEncoder
{
    /// <summary>States below this are stored as they are.</summary>
    public const int LeastSize = 256;

    /// <summary>A middle below this stands as it is: a frame would take as much.</summary>
    private const int LeastMiddle = 32;

    /// <summary>A difference that shares less than this with its base is not looked for in random bytes.</summary>
    private const int LeastShared = 64;

    /// <summary>If differences do not pay, one is tried for each so manieth sequence all the same.</summary>
    private const int RetryEvery = 16;

    /// <summary>The level for what is neither small nor a large middle.</summary>
    private const int Level = 3;

    /// <summary>Of small inputs the fastest level makes no more bytes, in two thirds of the time; for large middles the time counts.</summary>
    private const int FastLevel = 1;

    private const int SmallInput = 16 * 1024;
    private const int LargeMiddle = 64 * 1024;

    /// <summary>Encodes the state of a new row, which is at hand as its plain bytes.</summary>
    /// <param name="row">The row; the very same comes back if its bytes stay as they are.</param>
    /// <param name="parent">The chain that the parent ends; null if the parent's state is not at hand.</param>
    /// <param name="basis">The parent's state.</param>
    /// <param name="end">The chain that the row ends.</param>
    public static StoredCheckpoint Encode(
        StoredCheckpoint row, ChainEnd? parent, ReadOnlySpan<byte> basis, out ChainEnd end)
    {
        var state = row.Stored.Span;
        if (state.Length < LeastSize)
        {
            return Full(row, row.Stored, StateCodec.Plain, out end);
        }

        if (parent is not { } chain)
        {
            return EncodeFull(row, out end);
        }

        var doubtful = chain.StandsAlone && row.Sequence % RetryEvery != 0;
        var length = WriteDelta(state, basis, doubtful, out var buffer, out var codec);
        try
        {
            if (length == 0 || length > MostOf(state))
            {
                var full = EncodeFull(row, out end);
                end = end with { StandsAlone = true };
                return full;
            }

            if (!chain.Takes(row.Sequence, length, state.Length))
            {
                return EncodeFull(row, out end);
            }

            var estimate = Math.Min(state.Length, chain.FullBytesOf(state.Length));
            if (length > estimate / 2)
            {
                var full = EncodeFull(row, out end);
                if (length > full.Stored.Length * 3L / 4)
                {
                    end = end with { StandsAlone = true };
                    return full;
                }
            }

            StateFrame.Seal(buffer.AsSpan(0, length), codec, chain.Sequence, chain.Group, row.Size);
            end = chain.With(row.Sequence, length);
            return row with
            {
                Codec = codec,
                Base = chain.Sequence,
                Group = chain.Group,
                Stored = buffer.AsSpan(0, length).ToArray(),
                StoredSize = length,
            };
        }
        finally
        {
            StateBuffers.Return(buffer);
        }
    }

    /// <summary>Encodes a state that is at hand as a full copy; the row keeps its <see cref="StoredCheckpoint.Group"/>.</summary>
    public static StoredCheckpoint EncodeFull(StoredCheckpoint row, out ChainEnd end)
    {
        var stored = FullCopy(row.Stored, row.Group, out var codec);
        return Full(row, stored, codec, out end);
    }

    /// <summary>The same of a row of which no more is at hand than its plain state.</summary>
    public static EncodedState EncodeFull(in EncodedState plain)
    {
        var stored = FullCopy(plain.Stored, plain.Group, out var codec);
        return plain with { Codec = codec, Base = null, Stored = stored };
    }

    /// <summary>A state as a full copy; itself if it does not become smaller.</summary>
    private static ReadOnlyMemory<byte> FullCopy(ReadOnlyMemory<byte> plain, long? group, out short codec)
    {
        var state = plain.Span;
        codec = StateCodec.Plain;
        if (state.Length < LeastSize || !Compressibility.IsLikely(state))
        {
            return plain;
        }

        // No room for a frame that saves less than a sixteenth.
        var buffer = StateBuffers.Rent(state.Length);
        try
        {
            var room = buffer.AsSpan(StateFrame.ChecksumBytes, state.Length - (state.Length / 16) - StateFrame.ChecksumBytes);
            var written = Zstd.Compress(state, default, room, state.Length < SmallInput ? FastLevel : Level);
            if (written == 0)
            {
                return plain;
            }

            codec = StateCodec.Compressed;
            var frame = buffer.AsSpan(0, StateFrame.ChecksumBytes + written);
            StateFrame.Seal(frame, codec, null, group, state.Length);
            return frame.ToArray();
        }
        finally
        {
            StateBuffers.Return(buffer);
        }
    }

    private static StoredCheckpoint Full(StoredCheckpoint row, ReadOnlyMemory<byte> stored, short codec, out ChainEnd end)
    {
        end = new ChainEnd(row.Sequence, row.Group ?? row.Sequence, 0, 0, stored.Length, row.Size);
        return codec == row.Codec && row.Base is null && row.StoredSize == stored.Length
            ? row
            : row with { Codec = codec, Base = null, Stored = stored, StoredSize = stored.Length };
    }

    /// <summary>What a difference may come to and still be kept.</summary>
    private static long MostOf(ReadOnlySpan<byte> state) => state.Length * 3L / 4;

    /// <summary>
    /// Writes a frame, as yet without its checksum; 0 if a full copy is better for sure, or if that is to be expected
    /// and nothing speaks against it at a glance.
    /// </summary>
    private static int WriteDelta(
        ReadOnlySpan<byte> state, ReadOnlySpan<byte> basis, bool doubtful, out byte[] frame, out short codec)
    {
        (frame, codec) = ([], StateCodec.Delta);
        var ends = SharedEnds.Of(basis, state);
        var middle = state[ends.Prefix..^ends.Suffix];
        if (doubtful && middle.Length > MostOf(state) && !Compressibility.Resembles(middle, basis[ends.Prefix..^ends.Suffix]))
        {
            return 0;
        }

        var mayShrink = middle.Length >= LeastMiddle
            && (Compressibility.IsLikely(middle) || Compressibility.Resembles(middle, basis[ends.Prefix..^ends.Suffix]));
        if (!mayShrink && (ends.Prefix + ends.Suffix < LeastShared || middle.Length > MostOf(state)))
        {
            return 0;
        }

        frame = StateBuffers.Rent(middle.Length + StateFrame.ChecksumBytes + StateFrame.MaxEndsBytes);
        var header = StateFrame.ChecksumBytes;
        header += StateFrame.WriteVarint(frame.AsSpan(header), ends.Prefix);
        header += StateFrame.WriteVarint(frame.AsSpan(header), ends.Suffix);
        if (mayShrink)
        {
            var dictionary = basis[DictionaryWindow.Of(basis.Length, ends, middle.Length)];
            var level = middle.Length is < SmallInput or > LargeMiddle ? FastLevel : Level;
            var written = Zstd.Compress(middle, dictionary, frame.AsSpan(header, middle.Length - 1), level);
            if (written > 0)
            {
                codec = StateCodec.CompressedDelta;
                return header + written;
            }
        }

        middle.CopyTo(frame.AsSpan(header));
        return header + middle.Length;
    }
}
