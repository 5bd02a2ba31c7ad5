using Forge.History.Sql;
using Forge.Identity;

namespace Forge.History.Upkeep;

/// <summary>The names of the sessions that live.</summary>
internal sealed class SessionNames(ISqlDatabase database)
{
    private readonly SqlStatement _all = database.Dialect.Statement(Page(""));
    private readonly SqlStatement _ofTenant = database.Dialect.Statement(Page("AND tenant = @tenant"));

    /// <summary>A page by rising tenant and session, compared ordinally; of one tenant or of all.</summary>
    public async Task<IReadOnlyList<SessionAddress>> ListAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken)
    {
        SqlArgument[] arguments =
        [
            ("after_tenant", after?.Tenant.Value ?? ""), ("after_session", after?.Session.Value ?? ""), ("limit", limit),
            .. tenant is { } only ? [("tenant", only.Value)] : Array.Empty<SqlArgument>(),
        ];
        return await database.ReadAsync(
            t => t.ReadAllAsync(
                tenant is null ? _all : _ofTenant,
                row => new SessionAddress(TenantId.Parse(row.Text()), SessionId.Parse(row.Text())),
                arguments),
            cancellationToken);
    }

    private static string Page(string condition) => $"""
        SELECT tenant, session FROM sessions
        WHERE deleted_at IS NULL AND (tenant, session) > (@after_tenant, @after_session) {condition}
        ORDER BY tenant, session LIMIT @limit
        """;
}
