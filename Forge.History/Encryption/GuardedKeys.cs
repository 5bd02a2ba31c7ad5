using Forge.Errors;

namespace Forge.History.Encryption;

/// <summary>A provider that a host registered: whatever it raises is told as what callers know, and what it answers is held to its bounds.</summary>
internal sealed class GuardedKeys(IKeyProvider inner) : IKeyProvider
{
    private const int MostNameCharacters = 200;
    private const int MostWrappedBytes = 4096;

    /// <inheritdoc/>
    public ValueTask<WrappedKey> WrapAsync(string tenant, ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken) => GuardAsync(
        async () => await inner.WrapAsync(tenant, dataKey, cancellationToken) is
            { WrappingKey.Length: > 0 and <= MostNameCharacters, Bytes.Length: > 0 and <= MostWrappedBytes } wrapped
            ? wrapped
            : throw new InvalidOperationException(
                $"A wrapped key must have a name of 1 to {MostNameCharacters} characters and 1 to {MostWrappedBytes} bytes."));

    /// <inheritdoc/>
    public ValueTask<byte[]?> UnwrapAsync(string tenant, WrappedKey wrapped, CancellationToken cancellationToken) => GuardAsync(
        async () => await inner.UnwrapAsync(tenant, wrapped, cancellationToken) is { } key
            ? key.Length == ConfiguredKeys.KeyBytes ? key : throw new InvalidOperationException($"A data key must have {ConfiguredKeys.KeyBytes} bytes.")
            : null);

    private static async ValueTask<T> GuardAsync<T>(Func<ValueTask<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not (UnavailableException or OperationCanceledException))
        {
            throw new UnavailableException("The provider of the wrapping key did not do its work; nothing was changed.", exception);
        }
    }
}
