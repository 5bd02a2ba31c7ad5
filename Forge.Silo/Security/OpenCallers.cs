using System.Collections.Concurrent;
using Forge.History.Stores;
using Forge.Silo.Http;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security;

/// <summary>
/// Those who hold a WebSocket or an event stream open: their credentials were good when it was opened, and it ends when they are not any more.
/// </summary>
internal sealed class OpenCallers(IOptions<SecurityOptions> options, IAccess store, TimeProvider time)
{
    private readonly ConcurrentDictionary<OpenCaller, bool> _open = [];

    /// <summary>How many there are whose credentials can end.</summary>
    public int Count => _open.Count;

    /// <summary>Begins to watch the caller of a request, until the result is disposed of.</summary>
    public OpenCaller Enter(HttpContext context)
    {
        var caller = options.Value.Mode == SecurityMode.On ? Caller.Of(context) : null;
        var open = new OpenCaller(this, caller);
        if (caller is not null)
        {
            _open.TryAdd(open, true);
        }

        return open;
    }

    /// <summary>Ends those whose credentials are good no longer.</summary>
    /// <exception cref="Errors.UnavailableException">The database does not say; those whose time is over have ended.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var open in _open.Keys.Where(open => open.Caller!.Ends <= now))
        {
            await open.EndAsync("The credential has ended.");
        }

        long[] keys = [.. _open.Keys.Select(open => open.Caller!.Key).OfType<long>().Distinct()];
        if (keys.Length == 0)
        {
            return;
        }

        var good = (await store.FindKeysAsync(keys, cancellationToken)).Where(key => key.RevokedAt is null).Select(key => key.Id).ToHashSet();
        foreach (var open in _open.Keys.Where(open => open.Caller!.Key is { } key && keys.Contains(key) && !good.Contains(key)))
        {
            await open.EndAsync("The key was revoked.");
        }
    }

    internal void Leave(OpenCaller open) => _open.TryRemove(open, out _);
}

/// <summary>Somebody who holds something open.</summary>
internal sealed class OpenCaller(OpenCallers callers, Caller? caller) : IDisposable
{
    private readonly CancellationTokenSource? _ended = caller is null ? null : new();

    public Caller? Caller => caller;

    /// <summary>Cancelled when the credential is good no longer.</summary>
    public CancellationToken Ended => _ended?.Token ?? CancellationToken.None;

    /// <summary>Why it is good no longer; null while it is.</summary>
    public Problem? Problem { get; private set; }

    public async Task EndAsync(string why)
    {
        callers.Leave(this);
        Problem = AccessProblems.Unauthenticated(why);
        try
        {
            await _ended!.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It was over by itself at this moment.
        }
    }

    public void Dispose()
    {
        callers.Leave(this);
        _ended?.Dispose();
    }
}
