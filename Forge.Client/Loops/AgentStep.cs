using Forge.Checkpoints;
using Forge.Client.Effects;

namespace Forge.Client.Loops;

/// <summary>What an agent's step can do. It is of use until the step has ended.</summary>
public sealed class AgentStep<TState>
{
    private readonly LoopSaves<TState> _saves;

    internal AgentStep(LoopSaves<TState> saves, long number, CancellationToken cancel) =>
        (_saves, Number, Cancel) = (saves, number, cancel);

    /// <summary>
    /// The number of the step, from 1 and over all runs. A step that did not come to its end is made again under the same number.
    /// </summary>
    public long Number { get; }

    /// <summary>Cancelled when the loop is to end: its caller gave it up, or somebody has taken over the session.</summary>
    public CancellationToken Cancel { get; }

    /// <summary>The session, under the claim of the loop.</summary>
    public SessionHandle Session => _saves.Session;

    /// <summary>Ends the step; another one follows.</summary>
    /// <param name="state">The state after it, which is saved.</param>
    public StepEnd<TState> Next(TState state) => new(state, isFinished: false);

    /// <summary>Ends the step and the agent's work.</summary>
    /// <param name="state">The last state, which is saved.</param>
    public StepEnd<TState> Finish(TState state) => new(state, isFinished: true);

    /// <summary>
    /// Tells of a state in the midst of the step, from which the step can be made again. It is saved before the next tool is called, when it is
    /// time, or if the step fails. Makes no call; the state must not be changed afterwards.
    /// </summary>
    public void Report(TState state) => _saves.Report(state);

    /// <summary>Saves a state in the midst of the step, from which the step can be made again.</summary>
    /// <param name="state">The state; must not be changed afterwards.</param>
    /// <param name="message">What the agent says of it: not empty, at most 4 KiB of UTF-8 by default.</param>
    /// <param name="trigger">Why it is saved; manual by default.</param>
    /// <returns>What became of it: not taken, if the session throttles it by its trigger.</returns>
    public Task<CreateResult> SaveAsync(TState state, string message, CheckpointTrigger trigger = CheckpointTrigger.Manual) =>
        _saves.SaveWithinAsync(state, message, trigger, Cancel);

    /// <summary>Saves the whole state before the agent shortens its context.</summary>
    /// <param name="state">The state as it was; must not be changed afterwards.</param>
    public Task SaveBeforeCompactionAsync(TState state) =>
        SaveAsync(state, $"Before the context is compacted in step {Number}", CheckpointTrigger.ContextCompactionWarning);

    /// <summary>
    /// Calls a tool that acts on the outside world, at most once unless somebody says that it may run again
    /// (<see cref="SessionHandle.OnceAsync{TRequest, TResult}"/>). A state that was reported is saved before.
    /// </summary>
    /// <param name="key">
    /// What the act is known by in the session: 1 to 200 printable ASCII characters without a space or a <c>/</c>. It must be the same when
    /// the step is made again, so it comes from the state and not from chance.
    /// </param>
    /// <param name="request">What is asked of the tool.</param>
    /// <param name="run">The act.</param>
    /// <param name="options">How it is run; null for a write.</param>
    public async Task<TResult> OnceAsync<TRequest, TResult>(
        string key, TRequest request, Func<EffectRun, Task<TResult>> run, OnceOptions? options = null)
    {
        await _saves.SaveReportedAsync($"Before {key} in step {Number}", CheckpointTrigger.ToolCall, Cancel);
        return await Session.OnceAsync(key, request, run, options, Cancel);
    }
}
