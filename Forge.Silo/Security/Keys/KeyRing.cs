using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security.Keys;

/// <summary>A key that is to be made.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Ends">When it ends by itself; null for never.</param>
internal sealed record KeyDraft(string Name, GivenScopes Scopes, DateTimeOffset? Ends)
{
    private const int MostNameCharacters = 200;

    /// <exception cref="InvalidRequestException">A part of it cannot be.</exception>
    /// <exception cref="OverLimitException">The name is too long.</exception>
    public void Require(DateTimeOffset now)
    {
        if (Name.Length > MostNameCharacters)
        {
            throw new OverLimitException("name", MostNameCharacters, Name.Length, "characters");
        }

        if (string.IsNullOrWhiteSpace(Name) || Name.Any(character => char.IsControl(character) || char.IsSurrogate(character)))
        {
            throw new InvalidRequestException("name", "must not be empty, and must hold no control characters or surrogates");
        }

        if (Scopes == GivenScopes.None)
        {
            throw new InvalidRequestException("scopes", $"must be one or more of {GivenScopesExtensions.AllNames}");
        }

        if (Ends <= now)
        {
            throw new InvalidRequestException("ends", "must be in the future");
        }
    }

    /// <exception cref="InvalidRequestException">One of the names is no scope's.</exception>
    public static GivenScopes ReadScopes(IEnumerable<string> names) => names.Aggregate(
        GivenScopes.None,
        (given, name) => given | (GivenScopesExtensions.Parse(name) is var scope and not GivenScopes.None
            ? scope
            : throw new InvalidRequestException("scopes", $"must each be {GivenScopesExtensions.AllNames}")));
}

/// <summary>Makes, lists and revokes the keys of a tenant.</summary>
internal sealed class KeyRing(IAccess store, CheckedKeys remembered, AuditTrail audit, IOptions<SecurityOptions> options, TimeProvider time)
{
    /// <summary>Ids are 63 random bits: none is taken, and surely not several one after another.</summary>
    private const int Tries = 3;

    /// <summary>Makes a key.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="draft">What it is to be.</param>
    /// <param name="who">Who makes it.</param>
    /// <param name="cancellationToken">Gives up; it may be made all the same, and nobody has it.</param>
    /// <returns>The key, and its text, which is nowhere else.</returns>
    /// <exception cref="InvalidRequestException">A part of it cannot be.</exception>
    /// <exception cref="OverLimitException">The tenant has as many as it may have.</exception>
    public async Task<(AccessKey Key, string Text)> CreateAsync(TenantId tenant, KeyDraft draft, string who, CancellationToken cancellationToken)
    {
        draft.Require(time.GetUtcNow());
        for (var attempt = 1; ; attempt++)
        {
            var made = KeyText.Make(out var text);
            var key = new AccessKey(
                made.Id, tenant.Value, draft.Name, (short)draft.Scopes, made.Hash, Micros(time.GetUtcNow()), draft.Ends is { } ends ? Micros(ends) : null, null, null);
            var id = KeyText.IdOf(key.Id);
            var entry = audit.EntryOf(tenant.Value, "key_created", who, $"key:{id}", $"{draft.Name}: {string.Join(' ', draft.Scopes.ToNames())}");
            switch (await store.AddKeyAsync(key, options.Value.Keys, entry, cancellationToken))
            {
                case KeyAddition.Added:
                    audit.Tell(entry);
                    return (key, text);
                case KeyAddition.TooMany:
                    throw new OverLimitException("keys", options.Value.Keys, options.Value.Keys + 1L, "keys");
                default:
                    if (attempt == Tries)
                    {
                        throw new UnavailableException("No id that is free was found for the key.");
                    }

                    break;
            }
        }
    }

    /// <summary>A page of keys, revoked ones too, in the order in which they were made.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="after">The id of the last of the page before; null to begin.</param>
    /// <param name="limit">The most of a page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidRequestException">The tenant has no key of that id.</exception>
    public async Task<IReadOnlyList<AccessKey>> ListAsync(TenantId tenant, string? after, int limit, CancellationToken cancellationToken)
    {
        AccessKey? last = null;
        if (after is not null)
        {
            last = KeyText.ParseId(after) is { } id && await store.FindKeyAsync(id, cancellationToken) is { } key && key.Tenant == tenant.Value
                ? key
                : throw new InvalidRequestException("cursor", "is none that a page before has told");
        }

        return await store.ListKeysAsync(tenant.Value, last, limit, cancellationToken);
    }

    /// <summary>Revokes a key; one that is revoked stays so.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">Its id.</param>
    /// <param name="who">Who revokes it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The key; null if the tenant has none of this id.</returns>
    public async Task<AccessKey?> RevokeAsync(TenantId tenant, string id, string who, CancellationToken cancellationToken)
    {
        if (KeyText.ParseId(id) is not { } number)
        {
            return null;
        }

        var entry = audit.EntryOf(tenant.Value, "key_revoked", who, $"key:{id}");
        var revoked = await store.RevokeKeyAsync(tenant.Value, number, Micros(time.GetUtcNow()), entry, cancellationToken);
        remembered.Forget(number);
        if (revoked is not null)
        {
            audit.Tell(entry);
        }

        return revoked;
    }

    // As exactly as the database has it.
    private static DateTimeOffset Micros(DateTimeOffset at) => new(at.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
