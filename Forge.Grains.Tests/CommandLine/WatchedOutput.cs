using System.Collections.Concurrent;
using System.Text;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>An output that tells of what is written to it.</summary>
internal sealed class WatchedOutput(Action<string> written) : MemoryStream
{
    private readonly ConcurrentQueue<string> _texts = new();

    /// <summary>All that was written so far.</summary>
    public string Text => string.Concat(_texts);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _texts.Enqueue(Encoding.UTF8.GetString(buffer));
        written(Text);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
