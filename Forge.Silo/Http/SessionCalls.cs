using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Silo.Http;

/// <summary>Calls session grains for HTTP callers.</summary>
internal sealed class SessionCalls(IGrainFactory grains)
{
    public ISessionGrain Grain(SessionAddress address) => grains.GetGrain<ISessionGrain>(address.ToGrainKey());

    public IDifferenceGrain Differences(SessionAddress address) => grains.GetGrain<IDifferenceGrain>(address.ToGrainKey());

    /// <summary>
    /// Makes a call, and once more if another activation of the session wrote first: that refusal is certain to have changed
    /// nothing, so that a change can be made again whether or not it has a request id.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="call">The call; told whether it is the first attempt.</param>
    public async Task<T> CallAsync<T>(SessionAddress address, Func<ISessionGrain, bool, Task<T>> call)
    {
        try
        {
            return await call(Grain(address), true);
        }
        catch (SessionMovedException)
        {
            return await call(Grain(address), false);
        }
    }

    /// <summary>As the other overload, for calls that are the same each time.</summary>
    public Task<T> CallAsync<T>(SessionAddress address, Func<ISessionGrain, Task<T>> call) =>
        CallAsync(address, (grain, _) => call(grain));
}
