
namespace Forge.Identity;

/// <summary>A session and the tenant it belongs to. Its text is the key of the session's grain.</summary>
/// <param name="Tenant">Who the session belongs to.</param>
/// <param name="Session">The session.</param>
[GenerateSerializer, Immutable, Alias("forge.session-address")]
public readonly record struct SessionAddress([property: Id(0)] TenantId Tenant, [property: Id(1)] SessionId Session)
{
    private const string Prefix = "t/";

    /// <summary>
    /// The grain key, <c>t/{tenant}/{session}</c>. The prefix is a guard: stock ADO.NET grain storage reads a key as a
    /// Guid, then as a hexadecimal integer, before it takes it for text, and would give <c>a1</c> and <c>0a1</c> one row.
    /// A key that starts with <c>t/</c> can be neither.
    /// </summary>
    public string ToGrainKey() => $"{Prefix}{Tenant.Value}/{Session.Value}";

    /// <summary>
    /// The key of a tenant's grain, <c>t/{tenant}</c>, with braces and <c>%</c> written as in a URL: stock ADO.NET grain
    /// storage takes a key for a format string.
    /// </summary>
    public static string ToGrainKey(TenantId tenant) => Prefix + tenant.Value
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("{", "%7B", StringComparison.Ordinal)
        .Replace("}", "%7D", StringComparison.Ordinal);

    /// <summary>Reads an address from a session grain's key.</summary>
    /// <exception cref="InvalidRequestException">The key is not of the form <c>t/{tenant}/{session}</c>.</exception>
    public static SessionAddress ParseGrainKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var parts = key.Split('/');
        return parts is ["t", var tenant, var session]
            ? new SessionAddress(TenantId.Parse(tenant), SessionId.Parse(session))
            : throw new InvalidRequestException("grainKey", "must have the form t/{tenant}/{session}");
    }

    /// <summary>Reads the tenant from a tenant grain's key.</summary>
    /// <exception cref="InvalidRequestException">The key is not of the form <c>t/{tenant}</c>.</exception>
    public static TenantId ParseTenantGrainKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Split('/') is ["t", var tenant]
            ? TenantId.Parse(Uri.UnescapeDataString(tenant))
            : throw new InvalidRequestException("grainKey", "must have the form t/{tenant}");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Tenant}/{Session}";
}
