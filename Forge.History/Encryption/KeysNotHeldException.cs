using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>A value is sealed by a data key that is not among those at hand: they have to be read anew.</summary>
/// <param name="tenant">Whose data keys they are.</param>
/// <param name="number">The number that is not among them; null if none are at hand.</param>
internal sealed class KeysNotHeldException(TenantId tenant, int? number = null) : Exception($"The data keys of tenant {tenant} are not at hand.")
{
    public TenantId Tenant { get; } = tenant;

    public int? Number { get; } = number;
}
