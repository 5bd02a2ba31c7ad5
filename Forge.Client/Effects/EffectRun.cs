namespace Forge.Client.Effects;

/// <summary>What an act is told of the run that it is.</summary>
/// <param name="Key">The effect.</param>
/// <param name="EffectEpoch">The run: 1 for the first.</param>
/// <param name="TargetKey">The key that the target is to know the act by: the same in every run.</param>
/// <param name="Lost">
/// Cancelled when others may take the act for one of which it is not known how it ended: its lease is over as the client measures it, or
/// somebody has taken it over. Cancelled with the caller's own token too. An act that goes on may be done twice.
/// </param>
public sealed record EffectRun(string Key, long EffectEpoch, string TargetKey, CancellationToken Lost);
