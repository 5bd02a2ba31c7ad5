using System.Collections.Concurrent;
using Forge.Errors;
using Forge.Identity;
using Forge.Tenants;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tenants;

/// <summary>
/// The settings of tenants as a silo's sessions know them: read from where they are stored, so that no session waits for the
/// silo that has the tenant's grain. What is known is given at once and read anew in the background once it is a minute old.
/// What nobody asked for in ten minutes, or never, is waited for, but not for long. What takes something away asks for settings
/// that are fresh.
/// </summary>
/// <param name="read">Reads the settings of a tenant.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Takes what an operator should see.</param>
internal sealed partial class TenantDefaults(
    Func<TenantId, Task<TenantSettings>> read, TimeProvider time, ILogger<TenantDefaults> logger) : IDisposable
{
    /// <summary>How many tenants are known at the most; then those that were read the longest ago are forgotten.</summary>
    public const int Capacity = 10_000;

    private const int ReadsAtOnce = 16;

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Usable = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long after a failure what is known is given without another read.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<TenantId, Known> _known = new();
    private readonly ConcurrentDictionary<TenantId, Lazy<Task<TenantSettings>>> _reading = new();
    private readonly SemaphoreSlim _reads = new(ReadsAtOnce);

    /// <summary>How many tenants are known.</summary>
    public int Count => _known.Count;

    /// <summary>The settings of a tenant; without an await if they are known.</summary>
    /// <exception cref="UnavailableException">They were never read and can't be read now.</exception>
    public ValueTask<TenantSettings> GetAsync(TenantId tenant)
    {
        if (!_known.TryGetValue(tenant, out var known))
        {
            return WaitAsync(tenant, null);
        }

        if (time.GetElapsedTime(known.TriedAt) >= known.Rest)
        {
            if (time.GetElapsedTime(known.ReadAt) >= Usable)
            {
                return WaitAsync(tenant, known);
            }

            // Whoever waits for it is told of a failure; here nobody does, and the log was told.
            _ = ReadOnceAsync(tenant).ContinueWith(
                static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        return new(known.Settings);
    }

    private async ValueTask<TenantSettings> WaitAsync(TenantId tenant, Known? known)
    {
        try
        {
            return await ReadOnceAsync(tenant).WaitAsync(Patience, time);
        }
        catch (Exception exception)
        {
            // Sessions go on with what they know: defaults are no reason to refuse an agent's work. Nor are they one to let each
            // call wait for the same.
            known?.Pause(time.GetTimestamp());
            return known?.Settings ?? throw NotRead(tenant, exception);
        }
    }

    /// <summary>
    /// The settings of a tenant as they were a minute ago at the earliest: for what takes away what cannot be brought back.
    /// </summary>
    /// <exception cref="UnavailableException">They were not read in that time and can't be read now.</exception>
    public async ValueTask<TenantSettings> GetFreshAsync(TenantId tenant)
    {
        if (FreshOf(tenant) is { } fresh)
        {
            return fresh;
        }

        try
        {
            await ReadOnceAsync(tenant).WaitAsync(Patience, time);

            // The read may have been under way for long.
            return FreshOf(tenant) ?? throw new TimeoutException("The read took too long.");
        }
        catch (Exception exception)
        {
            throw NotRead(tenant, exception);
        }
    }

    private TenantSettings? FreshOf(TenantId tenant) =>
        _known.TryGetValue(tenant, out var known) && time.GetElapsedTime(known.ReadAt) < Fresh ? known.Settings : null;

    private static UnavailableException NotRead(TenantId tenant, Exception exception) =>
        new($"The settings of tenant {tenant} cannot be read; nothing was changed.", exception);

    public void Dispose() => _reads.Dispose();

    /// <summary>One read of a tenant's settings that all who want them share.</summary>
    private Task<TenantSettings> ReadOnceAsync(TenantId tenant) => _reading.GetOrAdd(
        tenant,

        // On no grain's scheduler: whoever comes next must not depend on the grain that came first.
        of => new Lazy<Task<TenantSettings>>(() => Task.Run(() => ReadAsync(of)))).Value;

    private async Task<TenantSettings> ReadAsync(TenantId tenant)
    {
        try
        {
            await _reads.WaitAsync();
            try
            {
                var readAt = time.GetTimestamp();
                var settings = await read(tenant);
                _known[tenant] = new Known(settings, readAt);
                Forget();
                return settings;
            }
            finally
            {
                _reads.Release();
            }
        }
        catch (Exception exception)
        {
            if (_known.TryGetValue(tenant, out var known))
            {
                known.Pause(time.GetTimestamp());
            }

            LogNotRead(tenant, exception);
            throw;
        }
        finally
        {
            _reading.TryRemove(tenant, out _);
        }
    }

    private void Forget()
    {
        if (_known.Count > Capacity)
        {
            // A tenth at once, so that it is not sorted with each new one.
            foreach (var (tenant, _) in _known.ToArray().OrderBy(entry => entry.Value.ReadAt).Take(Capacity / 10))
            {
                _known.TryRemove(tenant, out _);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The settings of tenant {Tenant} were not read; its sessions go on with what is known")]
    private partial void LogNotRead(TenantId tenant, Exception exception);

    private sealed class Known(TenantSettings settings, long readAt)
    {
        public TenantSettings Settings { get; } = settings;

        /// <summary>When the read of them began.</summary>
        public long ReadAt { get; } = readAt;

        /// <summary>When it was last tried to read them.</summary>
        public long TriedAt { get; private set; } = readAt;

        /// <summary>How long after that they are not read again.</summary>
        public TimeSpan Rest { get; private set; } = Fresh;

        public void Pause(long failedAt) => (TriedAt, Rest) = (failedAt, AfterFailure);
    }
}
