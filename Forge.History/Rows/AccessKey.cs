namespace Forge.History.Rows;

/// <summary>
/// A key by which callers come in. The secret is not here: who has this row cannot make a key of it.
/// </summary>
/// <param name="Id">A random number above 0, so that it tells nothing of how many there are.</param>
/// <param name="Tenant">Whose sessions it opens.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may do, as flags.</param>
/// <param name="Hash">The SHA-256 of the secret, which is 256 random bits: nothing slower is needed.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="EndsAt">When it ends by itself; null for never.</param>
/// <param name="RevokedAt">When it was revoked; null if it was not.</param>
/// <param name="UsedAt">About when it was last used; null if it never was.</param>
internal sealed record AccessKey(
    long Id,
    string Tenant,
    string Name,
    short Scopes,
    byte[] Hash,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndsAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? UsedAt);
