using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Upkeep;

/// <summary>Does due work of one kind.</summary>
internal interface IDueWorkHandler
{
    /// <summary>The kind.</summary>
    DueWorkKind Kind { get; }

    /// <summary>Begins a turn of the sweep. What it holds then, it holds for that turn alone.</summary>
    IDueWorkTurn Begin();
}

/// <summary>What a handler does in one turn of the sweep, step by step.</summary>
internal interface IDueWorkTurn
{
    /// <summary>Takes one small step.</summary>
    /// <returns>False if nothing is due. It may be asked again, when others have made work for it meanwhile.</returns>
    /// <exception cref="UnavailableException">The database cannot be reached, or does not answer in time.</exception>
    Task<bool> StepAsync(CancellationToken cancellationToken);
}

/// <summary>Tidies up behind the due work of a turn, as far as there is something to tidy.</summary>
internal interface ITidying
{
    /// <summary>Does it, or as much of it as half a lease has time for.</summary>
    /// <exception cref="UnavailableException">The database cannot be reached, or does not answer in time.</exception>
    Task TidyAsync(CancellationToken cancellationToken);
}
