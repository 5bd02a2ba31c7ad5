using Forge.Silo.Security.Settings;

namespace Forge.Silo.Security;

/// <summary>The silo would let whoever reaches it read and change everything, or see the dashboard of all tenants.</summary>
public sealed class ExposedException : Exception
{
    /// <summary>Makes the error for sessions that whoever comes may read and change.</summary>
    /// <param name="address">Where it would listen.</param>
    public ExposedException(string address)
        : this(
            address,
            $"Forge would listen on {address}, which others than this machine can reach, and let whoever comes read and change everything. "
            + "Make a key with 'Forge.Silo key create --name first' and set Forge:Security:Mode=On; or listen on 127.0.0.1; "
            + "or, if something in front decides who comes in, say Forge:Security:AllowAnonymous=true.")
    {
    }

    private ExposedException(string address, string message)
        : base(message) => Address = address;

    /// <summary>Where it would listen.</summary>
    public string Address { get; }

    /// <summary>Makes the error for a dashboard that whoever comes may see.</summary>
    internal static ExposedException OfDashboard(string address) => new(
        address,
        $"Forge would listen on {address}, which others than this machine can reach, and show whoever comes the dashboard of all tenants. "
        + $"Set Forge:Security:Mode=On; or listen on 127.0.0.1; or leave {DashboardSetting.Name} false.");
}
