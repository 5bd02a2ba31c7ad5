using Forge.Errors;

namespace Forge.Documents.Earlier;

/// <summary>A file of the system's temporary folder that goes with the import.</summary>
internal sealed class EarlierSpool : IDisposable
{
    private FileStream? _file;
    private long _length;

    /// <summary>Keeps bytes, and says where.</summary>
    /// <exception cref="UnavailableException">The file cannot be written.</exception>
    public async Task<Part> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            _file ??= Open();
            await _file.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(exception);
        }

        var part = new Part(_length, bytes.Length);
        _length += bytes.Length;
        return part;
    }

    /// <summary>The bytes of a part.</summary>
    /// <exception cref="UnavailableException">The file cannot be read.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(Part part, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = new byte[part.Length];
            if (_file!.Position != part.Offset)
            {
                _file.Position = part.Offset;
            }

            await _file.ReadExactlyAsync(bytes, cancellationToken);
            return bytes;
        }
        catch (IOException exception)
        {
            throw Unavailable(exception);
        }
    }

    public void Dispose() => _file?.Dispose();

    private static FileStream Open()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 64 * 1024,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            // What agents saved is nobody else's.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(Path.GetTempPath(), $"forge-import-{Path.GetRandomFileName()}"), options);
    }

    private static UnavailableException Unavailable(Exception cause) =>
        new("The temporary folder does not take the document; nothing was changed.", cause);

    /// <summary>Where bytes are.</summary>
    public readonly record struct Part(long Offset, int Length);
}
