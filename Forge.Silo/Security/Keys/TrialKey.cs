using Forge.Grains.Hosting;
using Forge.Identity;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security.Keys;

/// <summary>
/// Tells the first key of a silo whose database is gone with it: no command on the host can make one in that. No other database's key is ever
/// logged.
/// </summary>
internal sealed partial class TrialKey(
    IOptions<SecurityOptions> security, IOptions<ForgeOptions> forge, KeyRing keys, ILogger<TrialKey> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (security.Value.Mode == SecurityMode.On && forge.Value.Database == ForgeDatabase.Memory)
        {
            var (_, text) = await keys.CreateAsync(TenantId.Default, new KeyDraft("first", GivenScopes.Admin, null), "host", cancellationToken);
            LogKey(text);
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "The key of this trial, for all that is in it: {Key}")]
    private partial void LogKey(string key);
}
