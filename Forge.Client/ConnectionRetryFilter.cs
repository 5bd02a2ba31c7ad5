using Forge.Client.Retries;
using Microsoft.Extensions.Options;

namespace Forge.Client;

/// <summary>Keeps trying to connect while the host starts, so that an agent may be started before its silo.</summary>
internal sealed class ConnectionRetryFilter(IOptions<ForgeClientOptions> options, TimeProvider time)
    : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly long _started = time.GetTimestamp();

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested
            || Failures.Classify(exception) == FailureKind.Definite
            || time.GetElapsedTime(_started) >= options.Value.ConnectTimeout)
        {
            return false;
        }

        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }
}
