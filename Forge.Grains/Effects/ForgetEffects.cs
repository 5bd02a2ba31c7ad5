using Forge.Effects;
using Forge.Grains.Sessions;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Operations;
using Orleans;

namespace Forge.Grains.Effects;

/// <summary>
/// Removes the settled effects of the session that have the age for it, some at a time. It is what a silo's background asks, so that one
/// writer holds; not for callers. Answers when there may be one again; null for not before one is settled.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.forget-effects")]
internal sealed record ForgetEffects : Operation<DateTimeOffset?>
{
    public override bool Changes => true;
}

internal sealed class ForgetEffectsHandler : OperationHandler<ForgetEffects, DateTimeOffset?>
{
    protected override Task<DateTimeOffset?> RunAsync(LiveSession session, ForgetEffects operation, CancellationToken cancellationToken) =>
        ChangeRunner.RunAsync(
            session,
            exclusive: false,
            RequestMemory.Of(session.Address, operation, default),
            _ => Task.FromResult(default(Recalled<DateTimeOffset?>)),
            _ => DecideAsync(session),
            Authority.AboveClaims);

    private static async Task<Step<DateTimeOffset?>> DecideAsync(LiveSession session)
    {
        var services = session.Services;
        var (kept, most) = (services.EffectOptions.Kept, services.Retention.SweepRows);
        var known = session.Engine.CommittedVersion;
        var read = await services.Effects.ReadAgedAsync(session.Address, most + 1, CancellationToken.None);
        session.RequireNotOvertaken(read.Version, known);
        var last = session.WorkTime - kept;

        // A damaged row says nothing of its age; it stays, for whoever verifies to find.
        var sound = read.Rows.Where(row => row.ProblemIn(session.Address) is null).ToList();
        var aged = sound.Where(row => row.ChangedAt <= last).Take(most).ToList();
        var next = sound.Find(row => row.ChangedAt > last)?.ChangedAt + kept
            ?? (read.Rows.Count > most ? session.WorkTime : (DateTimeOffset?)null);
        return aged.Count == 0
            ? Step<DateTimeOffset?>.Nothing(next)
            : new(
                session.Engine.RemoveEffects(new Versioned<IReadOnlyList<string>>(read.Version, [.. aged.Select(row => row.Key)]), work: null),
                () => next);
    }
}
