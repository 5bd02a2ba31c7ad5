using Forge.Cli.Terminal;

namespace Forge.Cli.Watching;

/// <summary>What comes from a silo that gives signs of life. Without one for too long it ends as if the connection had: a peer that is gone without a word tells nothing.</summary>
/// <param name="inner">What comes.</param>
/// <param name="longest">How long nothing may come.</param>
/// <param name="time">The clock.</param>
internal sealed class LivelyStream(Stream inner, TimeSpan longest, TimeProvider time) : OneWayStream
{
    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var silence = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await inner.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"Nothing came for {longest.TotalSeconds} seconds.", exception);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
