using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>A value is sealed by a data key that is not among those at hand: they have to be read anew.</summary>
internal sealed class KeysNotHeldException(TenantId tenant) : Exception($"The data keys of tenant {tenant} are not at hand.")
{
    public TenantId Tenant { get; } = tenant;
}
