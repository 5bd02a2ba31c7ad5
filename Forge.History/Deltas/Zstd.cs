using System.Numerics;
using ZstdSharp.Unsafe;

namespace Forge.History.Deltas;

/// <summary>
/// zstd with a part of another state as prefix. Contexts are kept and used again, one caller at a time: making one costs more
/// than compressing a small state. Below the library's own classes, since they copy a dictionary and digest it for many uses,
/// and a base is used once.
/// </summary>
internal static unsafe class Zstd
{
    /// <summary>The least window that the format has.</summary>
    private const int LeastWindowLog = 10;

    /// <summary>From here on a prefix is indexed whole, whatever the level.</summary>
    private const int LargePrefix = 64 * 1024;

    /// <summary>What a context may hold and still be kept: one that has seen a great state would hold its tables for good.</summary>
    private const int KeptBytes = 8 * 1024 * 1024;

    private static readonly ContextPool<Compressor> Compressors = new(2 * Environment.ProcessorCount, () => new Compressor());
    private static readonly ContextPool<Decompressor> Decompressors = new(2 * Environment.ProcessorCount, () => new Decompressor());

    /// <summary>Compresses into a buffer; 0 if that is too small.</summary>
    public static int Compress(ReadOnlySpan<byte> source, ReadOnlySpan<byte> prefix, Span<byte> destination, int level)
    {
        var context = Compressors.Take();
        var written = context.Compress(source, prefix, destination, level);
        if (context.Bytes <= KeptBytes)
        {
            Compressors.Return(context);
        }
        else
        {
            context.Dispose();
        }

        return written;
    }

    /// <summary>Decompresses one frame that fills a buffer exactly; false if these are not such bytes.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> source, ReadOnlySpan<byte> prefix, Span<byte> destination)
    {
        var context = Decompressors.Take();
        var succeeded = context.TryDecompress(source, prefix, destination);
        Decompressors.Return(context);
        return succeeded;
    }

    private static nuint Check(nuint result) => Methods.ZSTD_isError(result)
        ? throw new InvalidOperationException($"zstd failed: {Methods.ZSTD_getErrorName(result)}.")
        : result;

    private sealed class Compressor : IDisposable
    {
        private ZSTD_CCtx_s* _context = Methods.ZSTD_createCCtx();

        ~Compressor() => Free();

        public long Bytes => (long)Methods.ZSTD_sizeof_CCtx(_context);

        public int Compress(ReadOnlySpan<byte> source, ReadOnlySpan<byte> prefix, Span<byte> destination, int level)
        {
            fixed (byte* from = source)
            fixed (byte* with = prefix)
            fixed (byte* to = destination)
            {
                Check(Methods.ZSTD_CCtx_reset(_context, ZSTD_ResetDirective.ZSTD_reset_session_and_parameters));
                Set(ZSTD_cParameter.ZSTD_c_compressionLevel, level);

                // Matches reach from the end of the source to the front of the prefix.
                Set(ZSTD_cParameter.ZSTD_c_windowLog, Math.Max(LeastWindowLog, BitOperations.Log2((uint)(source.Length + prefix.Length)) + 1));
                if (prefix.Length >= LargePrefix)
                {
                    // The level's own table is made for its source, and would forget the front of a longer prefix.
                    Set(ZSTD_cParameter.ZSTD_c_hashLog, BitOperations.Log2((uint)prefix.Length));
                }

                Set(ZSTD_cParameter.ZSTD_c_contentSizeFlag, 0);
                Set(ZSTD_cParameter.ZSTD_c_checksumFlag, 0);
                Set(ZSTD_cParameter.ZSTD_c_dictIDFlag, 0);
                Set(ZSTD_cParameter.ZSTD_c_experimentalParam2, (int)ZSTD_format_e.ZSTD_f_zstd1_magicless);
                Check(Methods.ZSTD_CCtx_refPrefix(_context, with, (nuint)prefix.Length));
                var result = Methods.ZSTD_compress2(_context, to, (nuint)destination.Length, from, (nuint)source.Length);
                return Methods.ZSTD_isError(result) && Methods.ZSTD_getErrorCode(result) == ZSTD_ErrorCode.ZSTD_error_dstSize_tooSmall
                    ? 0
                    : (int)Check(result);
            }
        }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Set(ZSTD_cParameter parameter, int value) =>
            Check(Methods.ZSTD_CCtx_setParameter(_context, parameter, value));

        private void Free()
        {
            Methods.ZSTD_freeCCtx(_context);
            _context = null;
        }
    }

    private sealed class Decompressor : IDisposable
    {
        private ZSTD_DCtx_s* _context = Methods.ZSTD_createDCtx();

        ~Decompressor() => Free();

        public bool TryDecompress(ReadOnlySpan<byte> source, ReadOnlySpan<byte> prefix, Span<byte> destination)
        {
            fixed (byte* from = source)
            fixed (byte* with = prefix)
            fixed (byte* to = destination)
            {
                Check(Methods.ZSTD_DCtx_reset(_context, ZSTD_ResetDirective.ZSTD_reset_session_and_parameters));
                Check(Methods.ZSTD_DCtx_setParameter(
                    _context, ZSTD_dParameter.ZSTD_d_experimentalParam1, (int)ZSTD_format_e.ZSTD_f_zstd1_magicless));
                Check(Methods.ZSTD_DCtx_refPrefix(_context, with, (nuint)prefix.Length));
                var result = Methods.ZSTD_decompressDCtx(_context, to, (nuint)destination.Length, from, (nuint)source.Length);
                return !Methods.ZSTD_isError(result) && result == (nuint)destination.Length;
            }
        }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            Methods.ZSTD_freeDCtx(_context);
            _context = null;
        }
    }
}
