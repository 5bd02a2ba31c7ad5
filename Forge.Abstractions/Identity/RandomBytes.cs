using System.Security.Cryptography;

namespace Forge.Identity;

/// <summary>
/// Random bytes of the system's generator, taken from it in blocks that each thread keeps: to ask it for sixteen bytes costs a system
/// call, which is a good part of what a create costs its client. No byte is given twice.
/// </summary>
internal static class RandomBytes
{
    private const int Block = 4096;

    [ThreadStatic]
    private static byte[]? _block;

    [ThreadStatic]
    private static int _used;

    /// <summary>Fills at most a block's length.</summary>
    public static void Fill(Span<byte> bytes)
    {
        if (_block is null || _used + bytes.Length > Block)
        {
            // Nothing is given of a block that could not be filled.
            _block = null;
            _block = RandomNumberGenerator.GetBytes(Block);
            _used = 0;
        }

        _block.AsSpan(_used, bytes.Length).CopyTo(bytes);
        _used += bytes.Length;
    }
}
