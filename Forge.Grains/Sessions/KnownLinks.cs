using Forge.Integrity;

namespace Forge.Grains.Sessions;

/// <summary>
/// The newest links of a session's chain that an activation has committed, loaded or looked up: an anchor that is one of them needs no read.
/// Bounded; what it forgets is looked up again.
/// </summary>
internal sealed class KnownLinks
{
    /// <summary>How many links it has at the most.</summary>
    public const int Capacity = 64;

    private const int First = 8;

    // A session that hardly changes has a few of them, not an array for all.
    private Link[] _links = [];
    private int _next;
    private int _count;

    /// <summary>Notes a link; nothing if the position has no chain value.</summary>
    public void Add(long position, byte[]? chain)
    {
        if (chain is null)
        {
            return;
        }

        if (_count == _links.Length && _count < Capacity)
        {
            // Until it is as large as it gets, none was written over, and the next place is behind the last one.
            Array.Resize(ref _links, _count == 0 ? First : _count * 2);
            _next = _count;
        }

        _links[_next] = new Link(position, chain);
        _next = (_next + 1) % _links.Length;
        _count = Math.Min(_count + 1, _links.Length);
    }

    /// <summary>True if an anchor is known to be one of the chain; false if that has to be looked up.</summary>
    public bool Has(Anchor anchor)
    {
        // Callers mostly bring what was committed last.
        for (var i = 1; i <= _count; i++)
        {
            var link = _links[(_next - i + _links.Length) % _links.Length];
            if (link.Position == anchor.Position && IsValue(anchor.Chain, link.Chain))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Forgets all of them.</summary>
    public void Clear() => (_next, _count) = (0, 0);

    /// <summary>True if a text is a chain value in hexadecimal.</summary>
    public static bool IsValue(string? text, ReadOnlySpan<byte> chain)
    {
        Span<byte> bytes = stackalloc byte[chain.Length];
        return text is not null && text.Length == chain.Length * 2
            && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            && bytes.SequenceEqual(chain);
    }

    private readonly record struct Link(long Position, byte[] Chain);
}
