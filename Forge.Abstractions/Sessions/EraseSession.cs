using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Deletes the session, if it is not deleted yet, and removes its rows before it answers, as far as that takes some
/// seconds. What stays is its name, which is taken until it is revived; names should therefore say nothing of persons. Can be asked
/// again at any time, also to learn how far it is: under the request id of the first time, if the session may be revived meanwhile.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.erase-session")]
[RequiresScope(AccessScope.Write)]
public sealed record EraseSession : Operation<ErasureStatus>
{
    /// <summary>The epoch of the claim that a session is deleted under that is not deleted yet; null for none.</summary>
    [Id(0)]
    public long? Epoch { get; init; }

    /// <summary>
    /// What the deletion that this makes is a repeat of: a session that was revived behind it is not deleted again. That of nothing for
    /// one that deletes whatever lives.
    /// </summary>
    [Id(1)]
    public ChangeRequest Deletion { get; init; }

    /// <inheritdoc/>
    public override bool Changes => true;
}
