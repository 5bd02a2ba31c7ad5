using System.Security.Cryptography;

namespace Forge.Tls;

/// <summary>
/// What is made of files, and made again when they have changed. They are read each time: by their times alone an exchange is missed that takes
/// less than a tick of the file system's clock, or that goes by links.
/// </summary>
internal sealed class FileParts<T>
    where T : class
{
    private readonly IReadOnlyList<string> _files;
    private readonly Func<IReadOnlyList<byte[]>, T> _make;
    private readonly Action<string, Exception> _failed;
    private readonly Lock _gate = new();
    private byte[][] _content;
    private byte[][]? _refused;
    private string? _unread;
    private T _made;

    /// <param name="files">The files.</param>
    /// <param name="make">Makes it of what they hold.</param>
    /// <param name="failed">Is told why files that changed are not used, once until they change again.</param>
    public FileParts(IReadOnlyList<string> files, Func<IReadOnlyList<byte[]>, T> make, Action<string, Exception> failed)
    {
        (_files, _make, _failed) = (files, make, failed);
        _content = Read();
        _made = make(_content);
    }

    /// <summary>What the files come to now; what they came to before if they cannot be used.</summary>
    public T Current
    {
        get
        {
            lock (_gate)
            {
                Refresh();
                return _made;
            }
        }
    }

    private void Refresh()
    {
        byte[][] content;
        try
        {
            content = Read();
            _unread = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // They may be about to be exchanged.
            if (_unread != exception.Message)
            {
                _unread = exception.Message;
                _failed(_files[0], exception);
            }

            return;
        }

        if (AreSame(content, _content) || (_refused is not null && AreSame(content, _refused)))
        {
            return;
        }

        try
        {
            (_made, _content, _refused) = (_make(content), content, null);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // A certificate and its key are two files, of which one comes first.
            _refused = content;
            _failed(_files[0], exception);
        }
    }

    private byte[][] Read() => [.. _files.Select(File.ReadAllBytes)];

    private static bool AreSame(byte[][] one, byte[][] other) =>
        one.Zip(other).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}
