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

    /// <summary>True if there is a key of a number, whether or not it can be had.</summary>
    public bool Knows(int number) => _byNumber.ContainsKey(number);

    /// <summary>The key of a number that there is.</summary>
    /// <exception cref="KeyMissingException">It cannot be had.</exception>
    public byte[] Require(int number)
    {
        var (row, key) = _byNumber[number];
        return key ?? throw (row.DestroyedAt is { } at
            ? new KeyMissingException(tenant, number, isDestroyed: true, $"was destroyed at {at:u}")
            : new KeyMissingException(
                tenant, number, isDestroyed: false, $"is wrapped by the key '{row.WrappingKey}', which this silo was not given or which does not open it"));
    }
}

/// <summary>A data key.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Key">The key; null if it cannot be had.</param>
internal readonly record struct DataKey(StoredDataKey Row, byte[]? Key);
