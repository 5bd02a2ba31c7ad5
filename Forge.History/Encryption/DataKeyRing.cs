using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>What operators do with data keys: list them, follow one by a newer one, wrap them by another key, destroy them.</summary>
internal sealed class DataKeyRing(IDataKeys stored, SealSettings settings, TimeProvider time)
{
    private const int PageKeys = 1_000;

    /// <summary>The data keys of a tenant by rising number, destroyed ones too.</summary>
    public Task<IReadOnlyList<StoredDataKey>> ListAsync(TenantId tenant, CancellationToken cancellationToken) =>
        stored.OfTenantAsync(tenant.Value, cancellationToken);

    /// <summary>Makes a newer data key for a tenant. What was written stays as it is, and is read by the key that it names.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="KeyMissingException">Nobody provides a wrapping key.</exception>
    public ValueTask<int> RotateAsync(TenantId tenant, CancellationToken cancellationToken) =>
        settings.For(stored, time).AddKeyAsync(tenant, cancellationToken);

    /// <summary>Has all data keys wrapped by the newest wrapping key. Can be broken off and done again.</summary>
    /// <returns>How many were wrapped anew, and how many cannot be, for what wraps them is not to be had.</returns>
    /// <exception cref="KeyMissingException">Nobody provides a wrapping key.</exception>
    public async Task<(int Rewrapped, int Missing)> RewrapAsync(CancellationToken cancellationToken)
    {
        var provider = settings.Provider ?? throw new KeyMissingException(
            TenantId.Default, 0, isDestroyed: false, "cannot be wrapped anew, for no wrapping key was given");
        var (rewrapped, missing, after) = (0, 0, (StoredDataKey?)null);
        while (await stored.ListAsync(after, PageKeys, cancellationToken) is { Count: > 0 } page)
        {
            after = page[^1];
            foreach (var key in page.Where(key => key.DestroyedAt is null))
            {
                if (await provider.UnwrapAsync(key.Tenant, new WrappedKey(key.WrappingKey, key.Wrapped), cancellationToken) is not { } plain)
                {
                    missing++;
                    continue;
                }

                var wrapped = await provider.WrapAsync(key.Tenant, plain, cancellationToken);
                if (wrapped.WrappingKey != key.WrappingKey && await stored.RewrapAsync(
                    key with { WrappingKey = wrapped.WrappingKey, Wrapped = wrapped.Bytes.ToArray() }, cancellationToken))
                {
                    rewrapped++;
                }
            }
        }

        return (rewrapped, missing);
    }

    /// <summary>Destroys the data keys of a tenant: whatever was encrypted by them can never be read again.</summary>
    /// <returns>How many were destroyed now.</returns>
    public Task<int> DestroyAsync(TenantId tenant, CancellationToken cancellationToken) =>
        stored.DestroyAsync(tenant.Value, time.GetUtcNow(), cancellationToken);
}
