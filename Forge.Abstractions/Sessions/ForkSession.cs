using Forge.Checkpoints;
using Forge.Effects;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Makes a new session of the state that another session of the tenant had at a checkpoint, with that session's settings and a link to
/// it. It is asked of the session that is to be made; the other one is read, at one instant, and not changed.
/// </summary>
/// <param name="Origin">The session that is forked, of the same tenant.</param>
/// <param name="Checkpoint">
/// Which of its checkpoints, any visible one. The first checkpoint of the new session has its state, content type, message, tags and
/// trigger, an id of its own, no parent, and requires nothing.
/// </param>
/// <param name="WithHistory">
/// True to have the checkpoint itself with all its visible ancestors, and with what any of these requires and the ancestors of that, as they
/// are stored: with their ids, sequences, times, tags and annotations, each on its branch, whose newest one is its head and current. The
/// new session's next sequence is one more than the checkpoint's.
/// </param>
/// <param name="DryRun">True to be told what would be made, with nothing changed; such a request is not remembered.</param>
/// <exception cref="InvalidRequestException">The origin is the new session itself.</exception>
/// <exception cref="SessionExistsException">The new session exists.</exception>
/// <exception cref="SessionDeletedException">The new session's name is that of a deleted one, or the origin is deleted.</exception>
/// <exception cref="SessionNotFoundException">Nothing was ever saved in the origin.</exception>
/// <exception cref="CheckpointNotFoundException">The checkpoint is not there.</exception>
/// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
/// <exception cref="EffectsAfterException">It was to be refused for effects that came later, and not each of them is acknowledged.</exception>
/// <exception cref="EffectDamagedException">What is stored of an effect that it would copy is not what was written.</exception>
[GenerateSerializer, Immutable, Alias("forge.fork-session")]
public sealed record ForkSession(
    [property: Id(0)] SessionId Origin,
    [property: Id(1)] CheckpointReference Checkpoint,
    [property: Id(2)] bool WithHistory = false,
    [property: Id(3)] bool DryRun = false) : Change<ForkResult>
{
    /// <summary>What to do about effects of the origin that were begun since the checkpoint was there.</summary>
    [Id(4)]
    public EffectsRule Effects { get; init; }

    /// <summary>The keys of effects that were begun since, and that it is to be made in spite of: at most 10,000.</summary>
    [Id(5)]
    public IReadOnlyList<string> Acknowledge { get; init; } = [];
}
