namespace Forge.Effects;

/// <summary>How an act on the outside world may be repeated. The numbers are stored; they never change meaning.</summary>
public enum EffectClass
{
    /// <summary>It changes nothing at its target: where it is not known how it ended, it is begun again.</summary>
    Read = 0,

    /// <summary>
    /// Its target takes it once under the key that is recorded with it (<see cref="Effect.TargetKey"/>): where it is not known how it
    /// ended, it is begun again, under the same key.
    /// </summary>
    Idempotent = 1,

    /// <summary>It is never begun again on the word of nobody: where it is not known how it ended, that has to be resolved.</summary>
    Write = 2,

    /// <summary>
    /// An approval or a one-time token. To begin it is to consume it; it stays consumed, whatever becomes of the session's checkpoints, its
    /// forks, its exports and its lives, and for as long as the session's name is known.
    /// </summary>
    Token = 3,
}
