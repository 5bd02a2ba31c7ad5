using System.Globalization;

namespace Forge.Cli.Http;

/// <summary>What makes a change safe: its key, which stays over all its attempts, and the claim that it is made under.</summary>
/// <param name="IdempotencyKey">The key; null for a change that takes none.</param>
/// <param name="Epoch">The epoch of the claim; null for none.</param>
/// <param name="HasId">True for a change that is known by an id of its own, and can be sent again because of that.</param>
internal sealed record Change(string? IdempotencyKey, long? Epoch, bool HasId = false)
{
    /// <summary>Of a request that has a body and changes nothing.</summary>
    public static Change None { get; } = new(null, null);

    /// <summary>Puts it into a request.</summary>
    public void AddTo(HttpRequestMessage request)
    {
        if (IdempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", IdempotencyKey);
        }

        if (Epoch is { } epoch)
        {
            request.Headers.TryAddWithoutValidation("Forge-Epoch", epoch.ToString(CultureInfo.InvariantCulture));
        }
    }
}
