using Forge.Cli.Commands;
using Forge.Cli.Http;

namespace Forge.Cli.Portability;

/// <summary>How many sessions there are, to say how far something is.</summary>
internal static class SessionCount
{
    public static async Task<long> OfAsync(Call call, string? prefix, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var _ in call.Http.ListAsync(
            (cursor, size) => new Query("v1/sessions").With("prefix", prefix).With("limit", size).With("cursor", cursor), ShapesJson.Default.NothingShape,
            long.MaxValue, cancellationToken))
        {
            count++;
        }

        return count;
    }
}
