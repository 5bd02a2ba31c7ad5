namespace Forge.Cli.Portability;

/// <summary>
/// A file that has its name only once it is whole: what breaks off must not look like a document. What is there and is no regular file, as a
/// device or a pipe, is written as it comes instead, and stays what it is.
/// </summary>
internal sealed class OutputFile : IAsyncDisposable
{
    private readonly string? _temporary;
    private readonly string _target;

    private OutputFile(FileStream stream, string? temporary, string target) => (Stream, _temporary, _target) = (stream, temporary, target);

    /// <summary>Where it is written.</summary>
    public FileStream Stream { get; }

    /// <summary>Begins it.</summary>
    /// <exception cref="IOException">It cannot be written there.</exception>
    public static OutputFile Create(string file)
    {
        if (TryOpenSpecial(file) is { } special)
        {
            return new OutputFile(special, null, file);
        }

        // A link stays one: what it leads to is what is meant.
        var target = new FileInfo(file) is { Exists: true, LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file : file;
        var temporary = $"{target}.{Guid.NewGuid():N}.part";
        return new OutputFile(new FileStream(temporary, FileMode.CreateNew, FileAccess.Write), temporary, target);
    }

    /// <summary>Gives it its name.</summary>
    public async Task CompleteAsync()
    {
        await Stream.DisposeAsync();
        if (_temporary is not null)
        {
            File.Move(_temporary, _target, overwrite: true);
        }
    }

    /// <summary>Ends it; nothing is left of what was not completed.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }

    private static FileStream? TryOpenSpecial(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

            // A device can say that it seeks, and does not.
            if (!stream.CanSeek || Path.GetFullPath(file).StartsWith("/dev/", StringComparison.Ordinal))
            {
                return stream;
            }

            stream.Dispose();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It cannot be opened; if it can be replaced is for the file system to say.
            return null;
        }
    }
}
