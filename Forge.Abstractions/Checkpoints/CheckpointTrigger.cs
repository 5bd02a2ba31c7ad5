namespace Forge.Checkpoints;

/// <summary>Why a checkpoint was taken. The numbers are stored; they never change meaning.</summary>
public enum CheckpointTrigger : short
{
    /// <summary>Somebody asked for it. Never throttled.</summary>
    Manual = 0,

    /// <summary>A schedule asked for it.</summary>
    Scheduled = 1,

    /// <summary>Automatic: a hypothesis changed its status.</summary>
    HypothesisStatusChange = 10,

    /// <summary>Automatic: a contradiction was detected.</summary>
    ContradictionDetected = 11,

    /// <summary>Automatic: a verification was completed.</summary>
    VerificationComplete = 12,

    /// <summary>Automatic: the agent switched to another branch of its work.</summary>
    BranchSwitch = 13,

    /// <summary>Automatic: a gap in what the agent knew was filled.</summary>
    GapFilled = 14,

    /// <summary>Automatic: code was modified.</summary>
    CodeModified = 15,

    /// <summary>
    /// Automatic: time passed. Taken only when more than the session's automatic interval (five minutes by default) has
    /// gone by since the newest checkpoint was created; answered with "not taken" otherwise.
    /// </summary>
    SignificantTimePassed = 16,

    /// <summary>Automatic: the agent's context is about to be compacted.</summary>
    ContextCompactionWarning = 17,

    /// <summary>Automatic: an error happened.</summary>
    Error = 18,

    /// <summary>Automatic: a tool was called.</summary>
    ToolCall = 19,
}
