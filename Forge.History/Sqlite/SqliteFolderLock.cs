using Forge.Errors;
using Forge.History.Stores;

namespace Forge.History.Sqlite;

/// <summary>
/// Holds the folder of an embedded database for one process. The operating system lets go when the process ends, however
/// it ends; the file itself stays.
/// </summary>
internal sealed class SqliteFolderLock : IDisposable
{
    private const string FileName = "forge.lock";

    // EWOULDBLOCK of Linux and of macOS, and the sharing violation of Windows.
    private static readonly int[] HeldByAnother = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private SqliteFolderLock(FileStream file) => _file = file;

    /// <exception cref="DatabaseInUseException">Another process, or another store of this one, has the folder.</exception>
    /// <exception cref="UnavailableException">The folder cannot be made or written to.</exception>
    public static SqliteFolderLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new SqliteFolderLock(new FileStream(
                Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (HeldByAnother.Contains(exception.HResult))
        {
            throw new DatabaseInUseException(folder, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The folder {folder} of the embedded database cannot be used: {exception.Message}", exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
