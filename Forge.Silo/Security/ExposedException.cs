namespace Forge.Silo.Security;

/// <summary>The silo would let whoever reaches it read and change everything.</summary>
/// <param name="address">Where it would listen.</param>
public sealed class ExposedException(string address) : Exception(
    $"Forge would listen on {address}, which others than this machine can reach, and let whoever comes read and change everything. "
    + "Make a key with 'Forge.Silo key create --name first' and set Forge:Security:Mode=On; or listen on 127.0.0.1; "
    + "or, if something in front decides who comes in, say Forge:Security:AllowAnonymous=true.")
{
    /// <summary>Where it would listen.</summary>
    public string Address { get; } = address;
}
