using Forge.Grains.Retention;
using Forge.History.Stores;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>Forgets requests that can be repeated no more.</summary>
internal sealed class ForgetRequests(IUpkeep upkeep, WorkClaims claims, IOptions<RetentionOptions> options) : ITidying
{
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var (began, rows) = (claims.Begin(), options.Value.SweepRows);
        while (await upkeep.ForgetRequestsAsync(claims.Now - options.Value.RequestWindow, rows, cancellationToken) == rows
            && !claims.IsLongSince(began))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
