using Forge.Errors;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>The data keys of a tenant, as they were read at one time, and unwrapped as far as they can be.</summary>
internal sealed class TenantKeys(TenantId tenant, IReadOnlyList<DataKey> keys)
{
    private readonly Dictionary<int, DataKey> _byNumber = keys.ToDictionary(key => key.Row.Number);

    /// <summary>The keys by rising number, destroyed ones too.</summary>
    public IReadOnlyList<DataKey> All => keys;

    /// <summary>The key that seals what is written; null if one has to be made first.</summary>
    public DataKey? Newest => keys is [.., { Row.DestroyedAt: null } newest] ? newest : null;

    /// <summary>
    /// How many of them are destroyed, which only ever grows: what is in memory since there were fewer was sealed by one that is gone, or stands
    /// on what was.
    /// </summary>
    public int Destroyed { get; } = keys.Count(key => key.Row.DestroyedAt is not null);

    /// <summary>True if there is a key of a number, whether or not it can be had.</summary>
    public bool Knows(int number) => _byNumber.ContainsKey(number);

    /// <summary>The key of a number that there is.</summary>
    /// <exception cref="KeyMissingException">It cannot be had.</exception>
    /// <exception cref="UnavailableException">The provider of the wrapping key did not unwrap it when it was asked last.</exception>
    public byte[] Require(int number)
    {
        var (row, key, failure) = _byNumber[number];
        return key ?? throw (row.DestroyedAt is { } at
            ? new KeyMissingException(tenant, number, isDestroyed: true, $"was destroyed at {at:u}")
            : failure is not null
            ? new UnavailableException($"Data key {number} of tenant {tenant} could not be unwrapped; nothing was changed.", failure)
            : (ForgeException)new KeyMissingException(
                tenant, number, isDestroyed: false, $"is wrapped by the key '{row.WrappingKey}', which this silo was not given or which does not open it"));
    }
}

/// <summary>A data key.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Key">The key; null if it cannot be had.</param>
/// <param name="Failure">What was raised instead of an answer when it was to be unwrapped; null if nothing was.</param>
internal readonly record struct DataKey(StoredDataKey Row, byte[]? Key, Exception? Failure = null);
