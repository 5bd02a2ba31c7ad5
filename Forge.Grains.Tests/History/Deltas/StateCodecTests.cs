using CsCheck;
using Forge.History.Deltas;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History.Deltas;

/// <summary>G7 and G9 of the codec alone. CsCheck prints the seed of a failing case.</summary>
public sealed class StateCodecTests
{
    private const int Cases = 10_000;
    private const int MostBytes = 4_000;

    [Fact]
    public void Decode_ChainOfAnyStates_IsExact()
    {
        var codecs = new int[4];
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                foreach (var (stored, state, before) in Chain(random, random.Next(1, 12)))
                {
                    var row = stored.Row;
                    Assert.True(StateDecoder.DecodeSaved(stored).Span.SequenceEqual(state));
                    if (row.Base is not null)
                    {
                        Assert.True(StateDecoder.Decode(new EncodedState(row), before).Span.SequenceEqual(state));
                    }

                    Interlocked.Increment(ref codecs[row.Codec]);
                }
            },
            iter: Cases);

        // Or the property would not be about them.
        Assert.All(codecs, count => Assert.True(count > 1000, $"codecs were used {string.Join(", ", codecs)} times"));
    }

    [Fact]
    public void Encode_AfterStatesThatHaveNothingInCommon_FindsWhatHasAgain()
    {
        var random = new Random(5);
        var (state, end) = (Array.Empty<byte>(), default(ChainEnd));
        for (var sequence = 1; sequence < 10; sequence++)
        {
            var unlike = Letters(random, 2048);
            var row = StateEncoder.Encode(HistoryRows.Checkpoint(sequence).WithState(unlike), sequence == 1 ? null : end, state, out end);
            Assert.Null(row.Base);
            state = unlike;
        }

        byte[] like = [.. state, .. Letters(random, 100)];
        var found = StateEncoder.Encode(HistoryRows.Checkpoint(10).WithState(like), end, state, out _);

        Assert.True(end.StandsAlone);
        Assert.Equal((9, true), (found.Base, found.StoredSize < 200));
        Assert.Equal(like, StateDecoder.Decode(new EncodedState(found), state).ToArray());
    }

    private static byte[] Letters(Random random, int length)
    {
        var letters = new byte[length];
        for (var i = 0; i < length; i++)
        {
            letters[i] = (byte)random.Next('a', 'z' + 1);
        }

        return letters;
    }

    [Fact]
    public void Decode_AnyByteOfARowChanged_IsFound()
    {
        var found = 0;
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                foreach (var (row, bases) in Chain(random, 2).Select(link => link.Stored).Where(s => s.Row.Codec != StateCodec.Plain))
                {
                    var bytes = row.Stored.ToArray();
                    for (var i = 0; i < bytes.Length; i++)
                    {
                        var before = bytes[i];
                        bytes[i] ^= (byte)random.Next(1, 256);
                        AssertDamaged(new(row with { Stored = bytes }, bases));
                        bytes[i] = before;
                    }

                    AssertDamaged(new(row with { Codec = (short)((row.Codec + random.Next(1, 4)) % 4) }, bases));
                    AssertDamaged(new(row with { Size = row.Size ^ (1 << random.Next(31)) }, bases));
                    AssertDamaged(new(row with { Group = (row.Group ?? 0) + random.Next(1, 100) }, bases));
                    AssertDamaged(new(row with { Base = (row.Base ?? 0) + random.Next(1, 100) }, bases));
                    Interlocked.Add(ref found, bytes.Length);
                }
            },
            iter: Cases);
        Assert.True(found > 100 * Cases, $"only {found} bytes were changed");
    }

    [Fact]
    public void Decode_AnyBytesWithAGoodChecksum_IsAStateOfTheSizeOrADefiniteFailure()
    {
        var (decoded, refused) = (0, 0);
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var links = Chain(random, 2).ToList();
                var (row, before) = (links[^1].Stored.Row, links[^1].Before);

                // Whole garbage, or a frame that was good until a byte or two of it changed.
                var isGarbage = row.Codec == StateCodec.Plain || random.Next(2) == 0;
                var frame = isGarbage ? new byte[random.Next(5, 200)] : row.Stored.ToArray();
                random.NextBytes(isGarbage ? frame.AsSpan(StateFrame.ChecksumBytes) : default);
                for (var i = random.Next(3); i > 0; i--)
                {
                    frame[random.Next(StateFrame.ChecksumBytes, frame.Length)] = (byte)random.Next(256);
                }

                var codec = isGarbage ? (short)random.Next(1, 4) : row.Codec;
                var hostile = row with
                {
                    Codec = codec,
                    Base = codec == StateCodec.Compressed ? null : links[0].Stored.Row.Sequence,
                    Size = isGarbage ? random.Next(0, 2 * MostBytes) : row.Size,
                };
                StateFrame.Seal(frame, codec, hostile.Base, hostile.Group, hostile.Size);
                hostile = hostile with { Stored = frame };
                try
                {
                    Assert.Equal(hostile.Size, StateDecoder.Decode(new EncodedState(hostile), before).Length);
                    Interlocked.Increment(ref decoded);
                }
                catch (UndecodableStateException)
                {
                    Interlocked.Increment(ref refused);
                }
            },
            iter: Cases);
        Assert.True(decoded > 1000 && refused > 1000, $"{decoded} were decoded and {refused} refused");
    }

    [Fact]
    public void Decode_BaseDamagedOrMissing_IsNamed()
    {
        var script = new StateScript(new Random(1));
        var first = script.Text(3000);
        var rows = Encode([first, [.. first, .. script.Text(300)], [.. first, .. script.Text(500)]]);
        var last = rows[2];
        Assert.Equal([1, 2], last.Bases.Select(b => b.Sequence));
        var damaged = last.Bases[0].Stored.ToArray();
        damaged[^1] ^= 1;

        var full = Assert.Throws<UndecodableStateException>(() => StateDecoder.DecodeSaved(
            last with { Bases = [last.Bases[0] with { Stored = damaged }, last.Bases[1]] }));
        var missing = Assert.Throws<UndecodableStateException>(() => StateDecoder.DecodeSaved(last with { Bases = [last.Bases[0]] }));
        var none = Assert.Throws<UndecodableStateException>(() => StateDecoder.DecodeSaved(last with { Bases = [] }));

        Assert.Equal((1, rows[0].Row.Id), (full.Sequence, full.Checkpoint));
        Assert.Equal((2, 2), (missing.Sequence, none.Sequence));
    }

    [Fact]
    public void Decode_PlainBaseDamaged_IsNamed()
    {
        var noise = new byte[3000];
        new Random(1).NextBytes(noise);
        var rows = Encode([noise, [.. noise, 1, 2, 3]]);
        Assert.Equal((StateCodec.Plain, StateCodec.Delta), (rows[0].Row.Codec, rows[1].Row.Codec));
        var damaged = noise.ToArray();
        damaged[7] ^= 1;

        var exception = Assert.Throws<UndecodableStateException>(() => StateDecoder.DecodeSaved(
            rows[1] with { Bases = [rows[1].Bases[0] with { Stored = damaged }] }));

        Assert.Equal((1, rows[0].Row.Id), (exception.Sequence, exception.Checkpoint));
    }

    [Fact]
    public void Encode_RandomBytes_AreStoredAsTheyAreAndLeaveNothingBehind()
    {
        var (random, state) = (new Random(1), new byte[2048]);
        random.NextBytes(state);
        var parent = new byte[2048];
        random.NextBytes(parent);
        var (row, end) = (Row(2, state), new ChainEnd(1, 1, 0, 0, parent.Length, parent.Length));
        Assert.Same(row, StateEncoder.Encode(row, end, parent, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        StateEncoder.Encode(row, end, parent, out _);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Encode_ConversationThatGrows_TakesAFractionOfItsLastState()
    {
        var script = new StateScript(new Random(1));
        var states = new List<byte[]> { script.Text(600) };
        while (states.Count < 500)
        {
            states.Add([.. states[^1][..^2], .. script.Text(600), .. "]}"u8]);
        }

        var rows = Encode(states);

        Assert.True(rows.Sum(r => (long)r.Row.StoredSize) < states[^1].Length, $"{rows.Sum(r => (long)r.Row.StoredSize)} bytes were stored");
        Assert.All(rows, stored =>
        {
            var (row, bases) = stored;
            Assert.InRange(bases.Count, 0, ChainEnd.MaxDepth);
            Assert.InRange(row.Sequence - (row.Group ?? row.Sequence), 0, ChainEnd.MaxSpan);
            Assert.True(bases.Sum(b => (long)b.Stored.Length) < row.Size + 10_000);
        });
    }

    private static void AssertDamaged(StoredState stored) =>
        Assert.Throws<UndecodableStateException>(() => StateDecoder.DecodeSaved(stored));

    private static StoredCheckpoint Row(long sequence, byte[] state) => HistoryRows.Checkpoint(sequence).WithState(state);

    private static List<StoredState> Encode(List<byte[]> states)
    {
        var (rows, end) = (new List<StoredState>(), (ChainEnd?)null);
        for (var i = 0; i < states.Count; i++)
        {
            var row = StateEncoder.Encode(Row(i + 1, states[i]), end, i == 0 ? default : states[i - 1], out var next);
            end = next;
            rows.Add(new(row, BasePath.Follow(row, sequence => new EncodedState(rows[(int)sequence - 1].Row))));
        }

        return rows;
    }

    private static IEnumerable<(StoredState Stored, byte[] State, byte[] Before)> Chain(Random random, int length)
    {
        var script = new StateScript(random);
        var states = new List<byte[]> { script.Text(random.Next(MostBytes)) };
        while (states.Count < length)
        {
            states.Add(script.Next(states[^1], MostBytes));
        }

        return Encode(states).Select((row, i) => (row, states[i], i == 0 ? [] : states[i - 1]));
    }
}
