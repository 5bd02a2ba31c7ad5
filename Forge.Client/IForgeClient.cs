using Forge.Errors;
using Forge.Identity;

namespace Forge.Client;

/// <summary>Where an agent service gets its session handles from. Safe for concurrent use.</summary>
public interface IForgeClient
{
    /// <summary>A handle to a session of the default tenant. Makes no call: the session need not exist.</summary>
    /// <exception cref="InvalidRequestException">The text is no session id.</exception>
    SessionHandle Session(string session);

    /// <summary>A handle to a session. Makes no call: the session need not exist.</summary>
    /// <param name="session">The session.</param>
    /// <param name="tenant">Its tenant; null for the default one.</param>
    SessionHandle Session(SessionId session, TenantId? tenant = null);

    /// <summary>A handle to a tenant. Makes no call.</summary>
    /// <exception cref="InvalidRequestException">The text is no tenant id.</exception>
    TenantHandle Tenant(string tenant);

    /// <summary>A handle to a tenant. Makes no call.</summary>
    TenantHandle Tenant(TenantId tenant);
}
