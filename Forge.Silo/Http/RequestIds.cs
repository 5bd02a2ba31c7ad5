using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Silo.Http;

/// <summary>The <c>Idempotency-Key</c> of a request: what makes it safe to send again.</summary>
internal static class RequestIds
{
    public const string Header = "Idempotency-Key";
    private const int MaxCharacters = 200;

    /// <summary>The key; null where there is none.</summary>
    /// <exception cref="InvalidRequestException">It is empty, too long, or given twice.</exception>
    public static string? KeyOf(HttpRequest request) => request.Headers[Header] switch
    {
        [] => null,
        [{ Length: >= 1 and <= MaxCharacters } key] => key,
        [_] => throw new InvalidRequestException("idempotencyKey", $"must have 1 to {MaxCharacters} characters"),
        _ => throw new InvalidRequestException("idempotencyKey", "is given twice"),
    };

    /// <summary>The request id of a change that is not a create; none without a key.</summary>
    public static ChangeRequest ChangeOf(HttpRequest request, SessionAddress address) =>
        KeyOf(request) is { } key
            ? new ChangeRequest(CheckpointId.FromIdempotencyKey(address, key).Value, FirstAttempt: false)
            : default;
}
