using Forge.History.Stores;

namespace Forge.Grains.Upkeep;

/// <summary>Gives the space that was left behind back to the file system.</summary>
internal sealed class GiveBackSpace(IUpkeep upkeep, WorkClaims claims) : ITidying
{
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var began = claims.Begin();
        while (!await upkeep.GiveBackSpaceAsync(cancellationToken) && !claims.IsLongSince(began))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
