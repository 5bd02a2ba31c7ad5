using System.Globalization;
using Forge.Errors;

namespace Forge.Silo.Http;

/// <summary>The <c>Forge-Epoch</c> of a request: the claim that its change is made under.</summary>
internal static class Epochs
{
    public const string Header = "Forge-Epoch";
    private const string Field = "forgeEpoch";

    /// <summary>The epoch; null if there is none.</summary>
    /// <exception cref="InvalidRequestException">It is no whole number from 1, or given twice.</exception>
    public static long? Of(HttpRequest request) => request.Headers[Header] switch
    {
        [] => null,
        [var text] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) && epoch > 0 => epoch,
        [_] => throw new InvalidRequestException(Field, "must be a whole number from 1"),
        _ => throw new InvalidRequestException(Field, "is given twice"),
    };

    /// <summary>The epoch of a change that must be made under a claim.</summary>
    /// <exception cref="InvalidRequestException">There is none, or it is bad.</exception>
    public static void Require(HttpRequest request)
    {
        if (Of(request) is null)
        {
            throw new InvalidRequestException(Field, "must be given: the epoch of the claim");
        }
    }
}
