using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Client.Loops;

/// <summary>How an agent's loop is run.</summary>
public sealed record LoopOptions<TState>
{
    /// <summary>Makes the state that an agent begins with, if its session has none.</summary>
    public required Func<TState> Start { get; init; }

    /// <summary>The claim to make of the session for as long as the loop runs; null by default, for none.</summary>
    public LoopClaim? Claim { get; init; }

    /// <summary>
    /// How often a state that the agent has reported (<see cref="AgentStep{TState}.Report"/>) and that is not saved yet is saved while a step
    /// runs: every 5 minutes by default; null for never. From 1 millisecond to 1 day. The session's own automatic interval holds too.
    /// </summary>
    public TimeSpan? SaveEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// True to answer what the session's schedule asks for: when a state is due, the newest one that is known is saved, under the trigger
    /// that it is due for. False by default.
    /// </summary>
    public bool AnswersDue { get; init; }

    /// <summary>The most steps of this run, at least 1; null by default, for as many as it takes.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>
    /// Is told of what failed beside the agent's own work and ends nothing: a save by time, a save on an error, the renewal or the release of the
    /// claim; null by default, for nobody. Must be quick and must not throw.
    /// </summary>
    public Action<Exception>? Failed { get; init; }

    /// <exception cref="InvalidRequestException">A value is out of its bounds.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Start);
        if (SaveEvery < TimeSpan.FromMilliseconds(1) || SaveEvery > TimeSpan.FromDays(1))
        {
            throw new InvalidRequestException("saveEvery", "must be from 1 ms to 1 day");
        }

        if (MaxSteps < 1)
        {
            throw new InvalidRequestException("maxSteps", "must be at least 1");
        }
    }
}

/// <summary>The claim that a loop makes, renews three times in each lease, and releases when it ends.</summary>
/// <param name="Owner">Who claims the session: 1 to 200 characters, no NUL.</param>
/// <param name="Lease">How long others leave it alone that claim it if it is free, if this process dies; from 1 second to 30 days (by default).</param>
/// <param name="IfFree">True to run only if nobody has the session; false to take it over.</param>
public sealed record LoopClaim(string Owner, TimeSpan Lease, bool IfFree = false);

/// <summary>How a run of a loop ended.</summary>
/// <param name="State">The last state; it is saved.</param>
/// <param name="Steps">How many steps the session has had, in earlier runs too.</param>
/// <param name="IsFinished">True if the agent said that it is done; false if the most steps of this run were made.</param>
public sealed record LoopResult<TState>(TState State, long Steps, bool IsFinished);

/// <summary>What a step ends with; <see cref="AgentStep{TState}.Next"/> and <see cref="AgentStep{TState}.Finish"/> make one.</summary>
public sealed record StepEnd<TState>
{
    internal StepEnd(TState state, bool isFinished) => (State, IsFinished) = (state, isFinished);

    /// <summary>The state after the step.</summary>
    public TState State { get; }

    /// <summary>True if no step follows.</summary>
    public bool IsFinished { get; }
}
