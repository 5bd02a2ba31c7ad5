namespace Forge.History.Encryption;

/// <summary>
/// Wraps and unwraps the data keys of tenants by a key that is kept outside of the database: in a vault, a key management service, a module of
/// hardware. Registered as a service, it takes the place of the keys in the settings. Must be safe for concurrent use.
/// </summary>
/// <remarks>
/// It is not on the way of a commit: a data key is wrapped when it is made, and unwrapped when a silo first meets it and each
/// <see cref="EncryptionOptions.CheckInterval"/> only if its row has changed. A call is waited for 5 seconds, and is a failure after that; its
/// token is cancelled then. What failed is asked for again after a second.
/// </remarks>
public interface IKeyProvider
{
    /// <summary>Wraps a data key by the newest wrapping key.</summary>
    /// <param name="tenant">Whose data key it is. What is wrapped must not unwrap for another tenant.</param>
    /// <param name="dataKey">32 bytes. Must not be kept after the returned task has completed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Errors.UnavailableException">It cannot be done now.</exception>
    ValueTask<WrappedKey> WrapAsync(string tenant, ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken);

    /// <summary>Unwraps a data key.</summary>
    /// <param name="tenant">Whose data key it is.</param>
    /// <param name="wrapped">The wrapped key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The 32 bytes; null if the wrapping key is not to be had, or does not open it.</returns>
    /// <exception cref="Errors.UnavailableException">It cannot be done now.</exception>
    ValueTask<byte[]?> UnwrapAsync(string tenant, WrappedKey wrapped, CancellationToken cancellationToken);
}

/// <summary>A data key that is wrapped.</summary>
/// <param name="WrappingKey">The name of the key that wraps it: 1 to 200 characters that tell nothing of the key.</param>
/// <param name="Bytes">The wrapped key: 1 to 4,096 bytes.</param>
public sealed record WrappedKey(string WrappingKey, ReadOnlyMemory<byte> Bytes);
