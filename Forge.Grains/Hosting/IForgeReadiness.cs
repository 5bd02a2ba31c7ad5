using Forge.Errors;

namespace Forge.Grains.Hosting;

/// <summary>Tells whether this silo can serve.</summary>
public interface IForgeReadiness
{
    /// <summary>Returns once the history's database has answered.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="UnavailableException">The database cannot be reached, or does not answer in time.</exception>
    Task CheckAsync(CancellationToken cancellationToken = default);
}
