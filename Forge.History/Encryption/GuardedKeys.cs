using Forge.Errors;

namespace Forge.History.Encryption;

/// <summary>
/// A provider that a host registered: whatever it raises is told as what callers know, what it answers is held to its bounds, and it is not
/// waited for any longer than <see cref="MostTime"/>.
/// </summary>
internal sealed class GuardedKeys(IKeyProvider inner, TimeProvider time) : IKeyProvider
{
    /// <summary>How long a call is waited for.</summary>
    public static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);

    private const int MostNameCharacters = 200;
    private const int MostWrappedBytes = 4096;

    /// <inheritdoc/>
    public ValueTask<WrappedKey> WrapAsync(string tenant, ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken) => GuardAsync(
        async cancel => await inner.WrapAsync(tenant, dataKey, cancel) is
        { WrappingKey.Length: > 0 and <= MostNameCharacters, Bytes.Length: > 0 and <= MostWrappedBytes } wrapped
            ? wrapped
            : throw new InvalidOperationException(
                $"A wrapped key must have a name of 1 to {MostNameCharacters} characters and 1 to {MostWrappedBytes} bytes."),
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]?> UnwrapAsync(string tenant, WrappedKey wrapped, CancellationToken cancellationToken) => GuardAsync(
        async cancel => await inner.UnwrapAsync(tenant, wrapped, cancel) is { } key
            ? key.Length == ConfiguredKeys.KeyBytes ? key : throw new InvalidOperationException($"A data key must have {ConfiguredKeys.KeyBytes} bytes.")
            : null,
        cancellationToken);

    private async ValueTask<T> GuardAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(MostTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // On a thread of its own, for it may wait without giving up the one that called, and without heeding the token.
            var cancel = either.Token;
            return await Task.Run(() => work(cancel), CancellationToken.None).WaitAsync(cancel);
        }
        catch (Exception exception) when (
            exception is not UnavailableException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // A cancellation that nobody here asked for is a time that it had, as that of an HTTP client.
            throw new UnavailableException(
                limit.IsCancellationRequested
                    ? $"The provider of the wrapping key did not answer within {MostTime.TotalSeconds} s; nothing was changed."
                    : "The provider of the wrapping key did not do its work; nothing was changed.",
                exception);
        }
    }
}
