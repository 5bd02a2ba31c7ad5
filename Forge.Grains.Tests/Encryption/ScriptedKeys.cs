using Forge.History.Encryption;

namespace Forge.Grains.Tests.Encryption;

/// <summary>A provider that does what another does, unless a test says otherwise, and counts what it was asked.</summary>
internal sealed class ScriptedKeys(IKeyProvider inner) : IKeyProvider
{
    private int _calls;

    /// <summary>Stands before each call; told the tenant, and what is to be unwrapped if that is asked for.</summary>
    public Action<string, WrappedKey?>? OnCall { get; set; }

    public int Calls => _calls;

    public ValueTask<WrappedKey> WrapAsync(string tenant, ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken)
    {
        Note(tenant, null);
        return inner.WrapAsync(tenant, dataKey, cancellationToken);
    }

    public ValueTask<byte[]?> UnwrapAsync(string tenant, WrappedKey wrapped, CancellationToken cancellationToken)
    {
        Note(tenant, wrapped);
        return inner.UnwrapAsync(tenant, wrapped, cancellationToken);
    }

    private void Note(string tenant, WrappedKey? wrapped)
    {
        Interlocked.Increment(ref _calls);
        OnCall?.Invoke(tenant, wrapped);
    }
}
