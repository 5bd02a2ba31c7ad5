namespace Forge.History.Rows;

/// <summary>Something that was done, or tried, that an admin of a tenant wants to know of.</summary>
/// <param name="Tenant">Whose admins see it.</param>
/// <param name="Position">Where it stands among those of the tenant, from 1, dense; given by the database.</param>
/// <param name="At">When it happened.</param>
/// <param name="Act">What it was, as <c>key_created</c>.</param>
/// <param name="Who">Who did it; empty if that is not known.</param>
/// <param name="Target">What it was done to; empty for nothing in particular.</param>
/// <param name="Outcome">What became of it, as <c>done</c> or <c>refused</c>.</param>
/// <param name="Detail">What else is to be said; empty for nothing.</param>
internal sealed record AuditEntry(
    string Tenant, long Position, DateTimeOffset At, string Act, string Who, string Target, string Outcome, string Detail);
