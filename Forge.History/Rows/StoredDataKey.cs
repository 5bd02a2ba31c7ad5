namespace Forge.History.Rows;

/// <summary>
/// A data key of a tenant, by which what is stored of it is encrypted. It is wrapped: who has this row and not the key that wraps it has nothing.
/// </summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Number">Its number among those of its tenant, from 1. The newest seals what is written. A number is never given again.</param>
/// <param name="WrappingKey">What the key that wraps it is called by whoever provides that; empty of one that was destroyed.</param>
/// <param name="Wrapped">The wrapped key; empty of one that was destroyed.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="DestroyedAt">When it was destroyed; null if it was not.</param>
internal sealed record StoredDataKey(
    string Tenant, int Number, string WrappingKey, byte[] Wrapped, DateTimeOffset CreatedAt, DateTimeOffset? DestroyedAt);
