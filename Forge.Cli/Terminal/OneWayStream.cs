namespace Forge.Cli.Terminal;

/// <summary>A stream that goes from its beginning to its end once. What it cannot do is what the contract of streams says of such a one.</summary>
internal abstract class OneWayStream : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public sealed override bool CanSeek => false;

    /// <inheritdoc/>
    public sealed override long Length => throw NoPosition();

    /// <inheritdoc/>
    public sealed override long Position
    {
        get => throw NoPosition();
        set => throw NoPosition();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // What is only read holds nothing back.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The stream is written, or read without blocking, and not read so.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is only read.");

    /// <inheritdoc/>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw NoPosition();

    /// <inheritdoc/>
    public sealed override void SetLength(long value) => throw NoPosition();

    private static NotSupportedException NoPosition() => new("The stream goes one way, and has no length and no position.");
}
