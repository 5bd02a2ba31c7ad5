using Microsoft.Extensions.Options;

namespace Forge.Silo.Draining;

/// <summary>
/// The time between a silo's being asked to stop and its beginning to: it says that it is not ready and goes on serving, new callers too,
/// until whoever sends them has noticed. Streams and connections end when it is over, so that those who come back are led elsewhere.
/// </summary>
internal sealed class Drain(IOptions<DrainOptions> options, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private volatile bool _hasBegun;

    /// <summary>Whether the silo was asked to stop.</summary>
    public bool HasBegun => _hasBegun || lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Cancelled when the silo really stops.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Comes before anything of the host stops: by a signal when the host has said that it stops, by a call before it does.</summary>
    /// <param name="cancellationToken">The host's patience is at its end.</param>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _hasBegun = true;
        if (options.Value.Delay > TimeSpan.Zero)
        {
            await Task.Delay(options.Value.Delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _over.CancelAsync();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _over.Dispose();
}
