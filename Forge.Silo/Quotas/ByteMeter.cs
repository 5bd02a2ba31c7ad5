namespace Forge.Silo.Quotas;

/// <summary>
/// How many bytes a tenant may still send. A body's length may be known only behind its end, so that one is taken as long as there is
/// anything left, and what it was over is owed: no limiter of the framework can owe.
/// </summary>
internal sealed class ByteMeter(long perSecond, TimeProvider time)
{
    /// <summary>The longest that anybody is told to wait; whoever owes more is told again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private double _left = perSecond;
    private long _at = time.GetTimestamp();

    /// <summary>How long to wait until anything is left, an hour at most; null if something is.</summary>
    public TimeSpan? Wait()
    {
        lock (_lock)
        {
            Refill();
            return _left > 0 ? null : TimeSpan.FromSeconds(Math.Min((1 - _left) / perSecond, LongestWait.TotalSeconds));
        }
    }

    /// <summary>Takes what was sent.</summary>
    public void Take(long bytes)
    {
        lock (_lock)
        {
            Refill();
            _left -= bytes;
        }
    }

    private void Refill()
    {
        _left = Math.Min(perSecond, _left + (time.GetElapsedTime(_at).TotalSeconds * perSecond));
        _at = time.GetTimestamp();
    }
}

/// <summary>A body that says of what is read of it.</summary>
internal sealed class CountedBody(Stream body, ByteMeter meter) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw OneWay();

    public override long Position
    {
        get => throw OneWay();
        set => throw OneWay();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        meter.Take(read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = body.Read(buffer, offset, count);
        meter.Take(read);
        return read;
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw OneWay();

    public override void SetLength(long value) => throw OneWay();

    public override void Write(byte[] buffer, int offset, int count) => throw OneWay();

    private static NotSupportedException OneWay() => new("A body is read from its beginning to its end once, and has no length and no position.");
}
