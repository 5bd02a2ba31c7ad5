using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// What is stored of a tenant is encrypted, and the key that opens it is not to be had: it is none of those that the silo was given, or it was
/// destroyed. Nothing was changed, and nothing is wrong with what is stored.
/// </summary>
[GenerateSerializer, Alias("forge.error.key_missing")]
public sealed class KeyMissingException : ForgeException
{
    /// <summary>Makes the error for one data key.</summary>
    /// <param name="tenant">Whose data key it is.</param>
    /// <param name="dataKey">Its number; 0 if the tenant has none yet and none can be made.</param>
    /// <param name="isDestroyed">True if it was destroyed, and will never be had again.</param>
    /// <param name="problem">What is the matter, as the end of a sentence.</param>
    public KeyMissingException(TenantId tenant, int dataKey, bool isDestroyed, string problem)
        : base($"Data key {dataKey} of tenant {tenant} {problem}.") => (Tenant, DataKey, IsDestroyed) = (tenant, dataKey, isDestroyed);

    /// <summary>The tenant.</summary>
    [Id(0)]
    public TenantId Tenant { get; }

    /// <summary>The number of the data key, from 1; 0 if there is none yet.</summary>
    [Id(1)]
    public int DataKey { get; }

    /// <summary>True if it was destroyed: what it opened cannot be read by anybody any more.</summary>
    [Id(2)]
    public bool IsDestroyed { get; }

    /// <inheritdoc/>
    public override string Code => "key_missing";
}
