using Forge.Errors;
using Forge.Identity;
using Forge.Operations;

namespace Forge.Silo.Http;

/// <summary>The <c>Idempotency-Key</c> of a request: what makes it safe to send again.</summary>
internal static class RequestIds
{
    public const string Header = "Idempotency-Key";
    private const int MaxCharacters = 200;

    /// <summary>The key; null if there is none.</summary>
    /// <exception cref="InvalidRequestException">It is empty, too long, or given twice.</exception>
    public static string? KeyOf(HttpRequest request) => request.Headers[Header] switch
    {
        [] => null,
        [{ Length: >= 1 and <= MaxCharacters } key] => key,
        [_] => throw new InvalidRequestException("idempotencyKey", $"must have 1 to {MaxCharacters} characters"),
        _ => throw new InvalidRequestException("idempotencyKey", "is given twice"),
    };

    // No key of a create holds a NUL. What begins with one stands for an id that no create's own key can stand for.

    /// <summary>The request id of a change that is not a create; none without a key.</summary>
    public static ChangeRequest ChangeOf(HttpRequest request, SessionAddress address) =>
        KeyOf(request) is { } key
            ? new ChangeRequest(CheckpointId.FromIdempotencyKey(address, $"\0change/{key}").Value, FirstAttempt: false)
            : default;

    /// <summary>
    /// The id of a line of a batch that has one key. The first line's is the same whatever the number of lines, and the
    /// others' are not: a batch that comes again with more lines, or with fewer but not one, is in part a repeat, which the
    /// session refuses.
    /// </summary>
    public static CheckpointId LineOf(SessionAddress address, string key, int index, int count) =>
        CheckpointId.FromIdempotencyKey(address, index == 0 ? $"\0first/{key}" : $"\0line/{count}/{index}/{key}");
}
