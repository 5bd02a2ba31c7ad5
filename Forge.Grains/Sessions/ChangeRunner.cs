using System.Runtime.ExceptionServices;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Writing;

namespace Forge.Grains.Sessions;

/// <summary>
/// Runs the changes of a session, all in one way: admission, the gate, the look for a repeat, deciding until the change
/// is committed or refused. Creates, which never pass the gate, begin with the look for a repeat.
/// </summary>
internal static class ChangeRunner
{
    /// <summary>How often a command is decided again because what it rests on changed, before it is refused.</summary>
    public const int MaxRounds = 100;

    /// <summary>What a change that carries no state counts in the writer's bounds beside its input before it is decided, in bytes.</summary>
    public const int ChangeWeight = 1024;

    private const int MaxDuplicates = 5;

    /// <summary>Admits a change of what is there, and decides it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="exclusive">True for a change that looks at the whole session, and runs without others of what is there.</param>
    /// <param name="memory">What is remembered of it. A repeat is recognised before anything else is looked at.</param>
    /// <param name="recall">The answer to a repeat, from what was remembered.</param>
    /// <param name="decide">Reads and decides, and says what to answer once it is committed.</param>
    /// <param name="authority">By what right it is made; <paramref name="decide"/> tells it the engine too.</param>
    /// <param name="inputWeight">About the bytes of what its caller gave.</param>
    public static async Task<T> RunAsync<T>(
        LiveSession session,
        bool exclusive,
        RequestMemory memory,
        Func<RequestMemory, Task<Recalled<T>>> recall,
        Func<RequestMemory, Task<Step<T>>> decide,
        Authority authority,
        long inputWeight = 0)
    {
        // Before the gate, so that what waits there is bounded as well.
        using var admission = session.Services.Budget.Enter(session.Load, 1, ChangeWeight + inputWeight);
        using var pass = await (exclusive ? session.Gate.EnterExclusiveAsync() : session.Gate.EnterSharedAsync());
        var repeats = new Repeats<T>(session, memory.IsWanted ? [memory.Id] : [], memory.IsFirstAttempt, earlier =>
        {
            memory.Recall(earlier.Value);
            return recall(memory);
        });
        return await RunAsync(session, repeats, authority, async () =>
        {
            var step = await decide(memory);
            if (step.Decision is not { Verdict: Verdict.Accepted, Change: { } change })
            {
                return step;
            }

            // What it carries is known now, and counts until it is settled.
            var carried = session.Services.Budget.Add(session.Load, change.Weight);
            return step with
            {
                Settled = () =>
                {
                    carried.Dispose();
                    step.Settled?.Invoke();
                },
            };
        });
    }

    /// <summary>Admits creates, which pass no gate, and decides them.</summary>
    /// <param name="session">The session.</param>
    /// <param name="records">How many creates.</param>
    /// <param name="weight">What they count in the writer's bounds, in bytes: first of all, so that whatever is waited for, their states
    /// are counted.</param>
    /// <param name="repeats">The earlier attempts at them.</param>
    /// <param name="authority">By what right they are made.</param>
    /// <param name="decide">Reads and decides, and says what to answer once it is committed.</param>
    public static Task<T> RunAdmittedAsync<T>(
        LiveSession session, int records, long weight, Repeats<T> repeats, Authority authority, Func<ValueTask<Step<T>>> decide) =>
        RunAsync(session, repeats, authority, decide, session.Services.Budget.Enter(session.Load, records, weight));

    /// <summary>
    /// Decides a change again and again until it is accepted and committed, or refused: what was tried before is only ever
    /// tried again if it is known to have changed nothing.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="repeats">The earlier attempts at it.</param>
    /// <param name="authority">By what right it is made: looked at before anything is read for it, and again as it is decided.</param>
    /// <param name="decide">Reads and decides, and says what to answer once it is committed.</param>
    /// <param name="admission">What it counts in the writer's bounds until it is answered, if that is not held by the caller.</param>
    public static async Task<T> RunAsync<T>(
        LiveSession session,
        Repeats<T> repeats,
        Authority authority,
        Func<ValueTask<Step<T>>> decide,
        WriterBudget.Admission? admission = null)
    {
        using var admitted = admission;
        var (engine, duplicates) = (session.Engine, 0);
        Refusal<T>? refusal = null;
        await session.RefreshUsageAsync();
        for (var round = 0; round < MaxRounds; round++)
        {
            if (repeats.FindPending() is { } same)
            {
                await session.SettleAsync(same);
                repeats.MayHaveTakenEffect();
                refusal = null;
                continue;
            }

            // A refusal that rests on a version later than the look may be for what this very request has done meanwhile.
            if (await repeats.LookUpAsync(refusal?.Version ?? engine.CommittedVersion) is { Known: true } recalled)
            {
                return recalled.Answer;
            }

            if (refusal is { } final)
            {
                return final.Answer();
            }

            Step<T> step;
            try
            {
                step = engine.CheckClaim(authority) is { } notYet ? new Step<T>(notYet) : await decide();
            }
            catch (ForgeException error) when (!error.IsTransient)
            {
                if (error is SessionClaimedException or ClaimSupersededException or QuotaExceededException)
                {
                    // It rests on the claim, or on what is there, as this activation knows it, and another one may have given it, or done
                    // this very change, since.
                    await session.RequireCurrentAsync();
                }

                var thrown = ExceptionDispatchInfo.Capture(error);
                refusal = new Refusal<T>(engine.NewestVersion, () =>
                {
                    thrown.Throw();
                    return default!;
                });
                continue;
            }

            switch (step.Decision.Verdict)
            {
                case Verdict.Accepted:
                    step.Decision.Change!.Call = System.Diagnostics.Activity.Current?.Context;
                    try
                    {
                        await session.SettleAsync(step.Decision.Change!);
                    }
                    finally
                    {
                        step.Settled?.Invoke();
                    }

                    if (step.Decision.Change is { NeedsRoom: false, Outcome.Status: CommitStatus.NoRoom })
                    {
                        // It was refused for what stood in one commit with it, on a full disk, and is what may free space there.
                        break;
                    }

                    if (session.RequireCommitted(step.Decision.Change!))
                    {
                        return step.Answer!();
                    }

                    // A request of this commit, ours or a neighbour's in it, has taken effect already: ours is looked up.
                    repeats.MayHaveTakenEffect();
                    RequireFewer(ref duplicates);
                    break;
                case Verdict.NotTaken:
                    // The answer may rest on what is pending, and is good only if that is committed.
                    if (step.Decision.Change is { } pending)
                    {
                        await session.SettleAsync(pending);
                        if (pending.Outcome.Status != CommitStatus.Committed)
                        {
                            break;
                        }
                    }

                    refusal = new Refusal<T>(engine.NewestVersion, step.Answer!);
                    break;
                case Verdict.Wait:
                    await session.SettleAsync(step.Decision.Change!);
                    break;
            }
        }

        throw KeepsChanging();
    }

    public static BusyException KeepsChanging() => new("session", "keeps changing what the call rests on");

    /// <summary>
    /// A commit can be a duplicate for a neighbour's sake, so one is tried again; but each try fails the neighbours too.
    /// </summary>
    private static void RequireFewer(ref int duplicates)
    {
        if (++duplicates == MaxDuplicates)
        {
            throw new BusyException("session", "has repeats of other requests in every commit");
        }
    }

    /// <summary>An answer that says that nothing was done.</summary>
    /// <param name="Version">The newest version of the session that it may rest on.</param>
    /// <param name="Answer">The answer; raises the error if it is one.</param>
    private readonly record struct Refusal<T>(long Version, Func<T> Answer);
}

/// <summary>One round of deciding a change: the decision, and the answer once it is committed.</summary>
internal readonly record struct Step<T>(Decision Decision, Func<T>? Answer = null)
{
    /// <summary>Called once an accepted change is settled, whatever became of it; null for nothing.</summary>
    public Action? Settled { get; init; }

    /// <summary>Nothing is to be changed; the answer may rest on a change that is pending.</summary>
    public static Step<T> Nothing(T answer, PendingChange? pending = null) =>
        new(new Decision(Verdict.NotTaken, pending), () => answer);
}

/// <summary>The answer to a repeat.</summary>
/// <param name="Known">False if it has to be decided again: what it was answered with is gone.</param>
/// <param name="Answer">The answer.</param>
internal readonly record struct Recalled<T>(bool Known, T Answer);
