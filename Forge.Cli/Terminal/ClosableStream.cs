using Forge.Cli.Hosting;

namespace Forge.Cli.Terminal;

/// <summary>The output, whose reader may go away before the end, as <c>head</c> does.</summary>
internal sealed class ClosableStream(Stream inner) : OneWayStream
{
    private const int BrokenPipe = 32;
    private const int BrokenPipeOfWindows = 109;
    private const int NoDataOfWindows = 232;

    public override bool CanWrite => true;

    public override void Flush() => Guard(inner.Flush);

    public override void Write(byte[] buffer, int offset, int count) => Guard(() => inner.Write(buffer, offset, count));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException exception) when (IsClosed(exception))
        {
            throw Closed(exception);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private static void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception) when (IsClosed(exception))
        {
            throw Closed(exception);
        }
    }

    /// <summary>True if nobody reads any more. A disk that is full, for one, is an error like any other.</summary>
    private static bool IsClosed(IOException exception) => OperatingSystem.IsWindows()
        ? (exception.HResult & 0xFFFF) is BrokenPipeOfWindows or NoDataOfWindows
        : exception.HResult == BrokenPipe;

    private static CliException Closed(IOException exception) =>
        new(ExitCode.OutputClosed, $"The output cannot be written: {exception.Message}", innerException: exception);
}
