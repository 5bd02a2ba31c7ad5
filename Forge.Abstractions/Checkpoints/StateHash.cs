using System.Security.Cryptography;

namespace Forge.Checkpoints;

/// <summary>
/// The SHA-256 of a state, with how far it had come where the state is likely to differ from the next one: that one's is made from there on,
/// and not from the first byte.
/// </summary>
internal sealed class StateHash : IDisposable
{
    /// <summary>A shorter state is hashed from its first byte in less time than it takes to keep a beginning and go on from it.</summary>
    public const int LeastSize = 16 * 1024;

    private readonly IncrementalHash _beginning;
    private readonly int _length;

    private StateHash(IncrementalHash beginning, int length, byte[] checksum) => (_beginning, _length, Checksum) = (beginning, length, checksum);

    /// <summary>The SHA-256 of the whole state.</summary>
    public byte[] Checksum { get; }

    /// <summary>Hashes a state; null if it is too short to keep anything of it.</summary>
    /// <param name="state">The state.</param>
    /// <param name="ends">What it has in common with the one before; it is likely to differ from the next one where the end begins.</param>
    /// <param name="before">What is kept of the one before; null for nothing. Nobody else may use it meanwhile.</param>
    public static StateHash? Of(ReadOnlySpan<byte> state, SharedEnds ends, StateHash? before)
    {
        if (state.Length < LeastSize)
        {
            return null;
        }

        var kept = state.Length - ends.Suffix;
        var (beginning, from) = before is not null && before._length <= ends.Prefix
            ? (before._beginning.Clone(), before._length)
            : (IncrementalHash.CreateHash(HashAlgorithmName.SHA256), 0);
        beginning.AppendData(state[from..kept]);
        using var whole = beginning.Clone();
        whole.AppendData(state[kept..]);
        return new StateHash(beginning, kept, whole.GetHashAndReset());
    }

    /// <summary>The SHA-256 of a state, which is not made again if it is known of the memory that the state is the whole of.</summary>
    public static byte[] ChecksumOf(ReadOnlyMemory<byte> state) => SharedState.WholeOf(state)?.Hash?.Checksum ?? SHA256.HashData(state.Span);

    /// <inheritdoc/>
    public void Dispose() => _beginning.Dispose();
}
