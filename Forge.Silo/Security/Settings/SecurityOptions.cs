namespace Forge.Silo.Security.Settings;

/// <summary>Whether callers over HTTP have to say who they are.</summary>
public enum SecurityMode
{
    /// <summary>They need not, and all are the tenant <c>default</c>.</summary>
    Off = 0,

    /// <summary>They bring a key, or a token of the configured authority.</summary>
    On = 1,
}

/// <summary>Who may come in over HTTP, section <c>Forge:Security</c>.</summary>
public sealed class SecurityOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Forge:Security";

    /// <summary>Off by default, which is for a silo that listens on this machine alone.</summary>
    public SecurityMode Mode { get; set; } = SecurityMode.Off;

    /// <summary>
    /// True to listen on other addresses than this machine's own although security is off, so that whoever reaches them may read and change
    /// everything; false by default.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>
    /// How long a key that was looked up is not looked up again, and how often open streams are looked at; 2 s by default, 50 ms to 10 s. So
    /// long after it was revoked, on whatever silo, a key may still be good.
    /// </summary>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The most keys of a tenant that are not revoked; 1,000 by default, 1 to 1,000,000.</summary>
    public int Keys { get; set; } = 1_000;

    /// <summary>How long the audit is kept, and keys that were revoked or ended; 90 days by default, an hour to ten years.</summary>
    public TimeSpan AuditAge { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// The most entries of refused credentials that a silo writes in a minute; 10 by default, 1 to 1,000. The same refusal is one entry with a
    /// count, and what finds no room is counted.
    /// </summary>
    public int AuditRefusals { get; set; } = 10;

    /// <summary>The tenant whose admins see refusals of credentials that are nobody's; <c>default</c> by default.</summary>
    public string AuditTenant { get; set; } = "default";

    /// <summary>Tokens of an authority.</summary>
    public JwtOptions Jwt { get; set; } = new();
}

/// <summary>Bearer tokens (JWT) of an authority, section <c>Forge:Security:Jwt</c>.</summary>
public sealed class JwtOptions
{
    /// <summary>The authority, as <c>https://login.example</c>, whose keys are read from its metadata; none by default, and no token is taken.</summary>
    public string? Authority { get; set; }

    /// <summary>Who a token must be for; wanted with an authority.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that names the tenant; <c>tenant</c> by default. A token without it is refused.</summary>
    public string TenantClaim { get; set; } = "tenant";

    /// <summary>
    /// The claim that names the scopes; <c>scope</c> by default. It has names with spaces between them, or comes several times; names that are
    /// none of <c>read</c>, <c>write</c> and <c>admin</c> are passed over.
    /// </summary>
    public string ScopeClaim { get; set; } = "scope";
}
