using Forge.Effects;

namespace Forge.Client;

/// <summary>What can be said of a change that is not a create.</summary>
public sealed record ChangeOptions
{
    /// <summary>
    /// A request id of the caller's own. A call that is made again with it, by another process too, takes effect once and
    /// is answered as the first was. Null by default: the client makes one for the attempts of one call.
    /// </summary>
    public Guid? RequestId { get; init; }

    /// <summary>Of a restore and of a fork: what to do about effects that were begun since the checkpoint was there; to tell them by default.</summary>
    public EffectsRule Effects { get; init; }

    /// <summary>Of a restore and of a fork: the keys of such effects that it is to be made in spite of; none by default.</summary>
    public IReadOnlyList<string> Acknowledge { get; init; } = [];
}
