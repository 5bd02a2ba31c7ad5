namespace Forge.Client;

/// <summary>What can be said of a change that is not a create.</summary>
public sealed record ChangeOptions
{
    /// <summary>
    /// A request id of the caller's own. A call that is made again with it, by another process too, takes effect once and
    /// is answered as the first was. Null by default: the client makes one for the attempts of one call.
    /// </summary>
    public Guid? RequestId { get; init; }
}
