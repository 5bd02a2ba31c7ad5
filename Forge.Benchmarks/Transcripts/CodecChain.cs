using Forge.Benchmarks.Runs;
using Forge.Checkpoints;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.Benchmarks.Transcripts;

/// <summary>
/// States encoded one on the other, over and over: the first as a full copy, each of the others as a session would do it that
/// has the one before at hand.
/// </summary>
internal sealed class CodecChain
{
    private readonly StoredCheckpoint[] _rows;
    private ChainEnd _end;
    private int _next;

    public CodecChain(IReadOnlyList<byte[]> states) => _rows = [.. states.Select(RowOf)];

    /// <summary>Begins again with a full copy if the last state was encoded.</summary>
    public void Prepare()
    {
        if (_next % _rows.Length == 0)
        {
            StateEncoder.EncodeFull(_rows[0], out _end);
            _next = 1;
        }
    }

    /// <summary>Encodes the next state on the one before.</summary>
    public StoredCheckpoint Encode() => StateEncoder.Encode(_rows[_next], _end, _rows[_next++ - 1].Stored.Span, out _end);

    /// <summary>Encodes all of them once more and decodes each, and compares.</summary>
    /// <returns>The bytes of the encoded states without the first one.</returns>
    /// <exception cref="ValidationException">A state comes back otherwise.</exception>
    public long Expect(string side)
    {
        var bytes = 0L;
        _next = 0;
        Prepare();
        while (_next < _rows.Length)
        {
            var (before, row) = (_rows[_next - 1], _rows[_next]);
            var encoded = new EncodedState(Encode());
            bytes += encoded.Stored.Length;
            var decoded = encoded.Base is null ? StateDecoder.Decode(encoded, Array.Empty<EncodedState>()) : StateDecoder.Decode(encoded, before.Stored.Span);
            if (!decoded.Span.SequenceEqual(row.Stored.Span))
            {
                throw new ValidationException(side, $"state {row.Sequence} is decoded otherwise than it was encoded");
            }
        }

        return bytes;
    }

    private static StoredCheckpoint RowOf(byte[] state, int index) => new()
    {
        Sequence = index + 1,
        Id = CheckpointId.Create(TimeProvider.System.GetUtcNow()),
        CreatedAt = TimeProvider.System.GetUtcNow(),
        Position = index + 1,
        Parent = index,
        Message = "step",
        Tags = [],
        Trigger = default,
        ContentType = "application/json",
        Size = state.Length,
        Checksum = new byte[32],
        StoredSize = state.Length,
        Stored = state,
    };
}
