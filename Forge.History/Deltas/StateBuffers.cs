using System.Buffers;

namespace Forge.History.Deltas;

/// <summary>
/// Arrays for states on their way. Large ones are made anew for each use: the shared pool would keep one of each size for
/// every thread that ever had one.
/// </summary>
internal static class StateBuffers
{
    private const int MostPooled = 1024 * 1024;

    /// <summary>An array of a length at least, with anything in it.</summary>
    public static byte[] Rent(int length) =>
        length <= MostPooled ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);

    /// <summary>Ends the use of an array that was rented here.</summary>
    public static void Return(byte[] buffer)
    {
        if (buffer.Length is > 0 and <= MostPooled)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Ends the use of an array but for its front, which is the caller's to keep.</summary>
    public static ReadOnlyMemory<byte> Keep(byte[] buffer, int length)
    {
        if (buffer.Length > MostPooled && length >= buffer.Length / 2)
        {
            return buffer.AsMemory(0, length);
        }

        var kept = buffer.AsSpan(0, length).ToArray();
        Return(buffer);
        return kept;
    }
}
