using System.Runtime.ExceptionServices;
using System.Text;
using Forge.Checkpoints;
using Forge.Client.Serialization;
using Forge.Errors;

namespace Forge.Client.Loops;

/// <summary>Runs agents whose states are saved as they go.</summary>
public static class AgentLoop
{
    /// <summary>How many ancestors are asked for the number of steps, if the current checkpoint was not made by a loop.</summary>
    private const int MostAncestors = 1000;

    /// <summary>A timer cannot wait for as long as a lease may last.</summary>
    private static readonly TimeSpan LongestTick = TimeSpan.FromDays(1);

    private const int MostOfAnError = 500;

    /// <summary>
    /// Makes an agent's steps one after another, from the session's current state on, until the agent says that it is done. The state is saved
    /// before the first step and after each; a run that ends in between, however it ends, goes on from there: no step that was saved is made
    /// again.
    /// </summary>
    /// <remarks>
    /// <para>
    /// What is saved: the state that the agent begins with and the state after each step (<see cref="CheckpointTrigger.Manual"/>); what a step
    /// has reported, before a tool is called (<see cref="CheckpointTrigger.ToolCall"/>) and by time
    /// (<see cref="CheckpointTrigger.SignificantTimePassed"/>, which the session throttles); on an error the newest state that is known
    /// (<see cref="CheckpointTrigger.Error"/>); and what a step saves itself, as before it compacts its context
    /// (<see cref="CheckpointTrigger.ContextCompactionWarning"/>).
    /// </para>
    /// <para>
    /// The number of steps is a tag of each checkpoint, so that a restore of an earlier one, a branch and a fork go on with the number they had.
    /// A session whose current checkpoint says that the agent was done makes no step.
    /// </para>
    /// </remarks>
    /// <param name="session">The session, and the branch, whose current state is gone on with.</param>
    /// <param name="agent">One step: is given what it can do and the state, and ends by <see cref="AgentStep{TState}.Next"/> or
    /// <see cref="AgentStep{TState}.Finish"/>.</param>
    /// <param name="options">How it is run.</param>
    /// <param name="cancellationToken">Ends the loop; nothing more is saved.</param>
    /// <exception cref="InvalidRequestException">An option is out of its bounds.</exception>
    /// <exception cref="SessionClaimedException">The session was to be claimed only if it is free, and it is not; or it is another's.</exception>
    /// <exception cref="ClaimSupersededException">Somebody else has claimed the session meanwhile; the step was cancelled.</exception>
    /// <exception cref="StateFormatException">The current state is none of the agent's.</exception>
    public static async Task<LoopResult<TState>> RunAsync<TState>(
        this SessionHandle session,
        Func<AgentStep<TState>, TState, Task<StepEnd<TState>>> agent,
        LoopOptions<TState> options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Claim is not { } claim)
        {
            return await RunClaimedAsync(session, agent, options, cancellationToken);
        }

        var claimed = await session.ClaimAsync(claim.Owner, claim.Lease, claim.IfFree, cancellationToken: cancellationToken);
        try
        {
            return await RunClaimedAsync(claimed, agent, options, cancellationToken);
        }
        finally
        {
            await ReleaseAsync(claimed, options);
        }
    }

    private static async Task<LoopResult<TState>> RunClaimedAsync<TState>(
        SessionHandle session,
        Func<AgentStep<TState>, TState, Task<StepEnd<TState>>> agent,
        LoopOptions<TState> options,
        CancellationToken cancellationToken)
    {
        using var saves = new LoopSaves<TState>(session);
        await using var keeper = new LoopKeeper(options.Failed, cancellationToken);
        if (options.Claim is { } claim)
        {
            var third = claim.Lease / 3;
            keeper.Every(third < LongestTick ? third : LongestTick, session.Time, token => session.RenewAsync(claim.Lease, cancellationToken: token));
        }

        try
        {
            return await RunStepsAsync(saves, keeper, agent, options);
        }
        catch (Exception exception) when (keeper.Lost is not null)
        {
            // Whatever a step that was cancelled made of it; it may hold the result of an act.
            if (exception is not OperationCanceledException)
            {
                options.Failed?.Invoke(exception);
            }

            ExceptionDispatchInfo.Throw(keeper.Lost!);
            throw;
        }
    }

    private static async Task<LoopResult<TState>> RunStepsAsync<TState>(
        LoopSaves<TState> saves, LoopKeeper keeper, Func<AgentStep<TState>, TState, Task<StepEnd<TState>>> agent, LoopOptions<TState> options)
    {
        var (state, isFinished) = await BeginAsync(saves, options, keeper.Ended);
        if (options.SaveEvery is { } interval)
        {
            keeper.Every(
                interval,
                saves.Session.Time,
                token => saves.SaveReportedAsync($"In step {saves.Steps + 1}, by time", CheckpointTrigger.SignificantTimePassed, token));
        }

        await using var answers = !options.AnswersDue || isFinished ? null : await saves.Session.ObserveAsync(
            (due, token) => saves.SaveKnownAsync($"In step {saves.Steps + 1}, as it was due", due.Trigger, token), options.Failed, keeper.Ended);
        for (var made = 0L; !isFinished && made != options.MaxSteps; made++)
        {
            keeper.Ended.ThrowIfCancellationRequested();
            var step = new AgentStep<TState>(saves, saves.Steps + 1, keeper.Ended);
            StepEnd<TState> end;
            try
            {
                end = await agent(step, state);
            }
            catch (Exception exception) when (!keeper.Ended.IsCancellationRequested && !LoopKeeper.IsLoss(exception))
            {
                await SaveErrorAsync(saves, step, exception, options, keeper.Ended);
                throw;
            }

            await saves.SaveStepAsync(end.State, step.Number, end.IsFinished, $"After step {step.Number}", keeper.Ended);
            (state, isFinished) = (end.State, end.IsFinished);
        }

        return new LoopResult<TState>(state, saves.Steps, isFinished);
    }

    /// <summary>The state that the session has, or the first one, which is saved.</summary>
    private static async Task<(TState State, bool IsFinished)> BeginAsync<TState>(
        LoopSaves<TState> saves, LoopOptions<TState> options, CancellationToken cancellationToken)
    {
        if (await saves.Session.CurrentAsync<TState>(cancellationToken) is { } current)
        {
            saves.Begin(current.State, await StepsOfAsync(saves.Session, current.Summary, cancellationToken));
            return (current.State, current.Summary.Tags.Contains(LoopTags.Finished));
        }

        var first = options.Start();
        await saves.SaveStepAsync(first, 0, isFinished: false, "Before step 1", cancellationToken);
        return (first, false);
    }

    private static async Task<long> StepsOfAsync(SessionHandle session, CheckpointSummary current, CancellationToken cancellationToken)
    {
        if (LoopTags.StepsOf(current.Tags) is { } steps)
        {
            return steps;
        }

        // Somebody saved a checkpoint by hand behind the last of a loop.
        var asked = 0;
        await foreach (var ancestor in session.AncestorsAsync(current.Sequence, cancellationToken: cancellationToken))
        {
            if (LoopTags.StepsOf(ancestor.Tags) is { } before)
            {
                return before;
            }

            if (++asked == MostAncestors)
            {
                break;
            }
        }

        return 0;
    }

    /// <summary>Saves what is known; a failure of that must not hide the error.</summary>
    private static async Task SaveErrorAsync<TState>(
        LoopSaves<TState> saves, AgentStep<TState> step, Exception error, LoopOptions<TState> options, CancellationToken cancellationToken)
    {
        try
        {
            await saves.SaveKnownAsync($"Step {step.Number} failed: {TextOf(error)}", CheckpointTrigger.Error, cancellationToken);
        }
        catch (Exception exception)
        {
            options.Failed?.Invoke(exception);
        }
    }

    /// <summary>The beginning of what an error says, as far as a message may be that long, and without what none may hold.</summary>
    private static string TextOf(Exception error)
    {
        var text = new StringBuilder();
        foreach (var rune in $"{error.GetType().Name}: {error.Message}".EnumerateRunes().Take(MostOfAnError))
        {
            text.Append(rune.Value == 0 ? " " : rune.ToString());
        }

        return text.ToString();
    }

    private static async Task ReleaseAsync<TState>(SessionHandle claimed, LoopOptions<TState> options)
    {
        try
        {
            await claimed.ReleaseAsync();
        }
        catch (Exception exception)
        {
            // It is another's by now, or ends by its lease.
            options.Failed?.Invoke(exception);
        }
    }
}
