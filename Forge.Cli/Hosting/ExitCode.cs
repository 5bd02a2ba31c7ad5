namespace Forge.Cli.Hosting;

/// <summary>What the program ends with. The numbers are those of <c>docs/cli.md</c>, and scripts go by them.</summary>
internal enum ExitCode
{
    /// <summary>It was done.</summary>
    Done = 0,

    /// <summary>It failed in a way that has no number of its own.</summary>
    Failed = 1,

    /// <summary>The command line, or a value in it, is not understood.</summary>
    Usage = 2,

    /// <summary>The session, checkpoint, effect or branch is not there, or not any more.</summary>
    NotFound = 3,

    /// <summary>It does not fit what is there: somebody else's claim, another head, a name that is taken.</summary>
    Conflict = 4,

    /// <summary>The key is missing, wrong or may not do this, or the tenant has all that it may have.</summary>
    Refused = 5,

    /// <summary>The silo is busy or away; nothing was changed.</summary>
    Unavailable = 6,

    /// <summary>What was verified is not as it was saved.</summary>
    NotTheSame = 7,

    /// <summary>What was sent is too large, broken or of a kind that is not taken.</summary>
    NotTaken = 8,

    /// <summary>Nobody can tell if the change took effect. The same with the same idempotency key finds out.</summary>
    OutcomeUnknown = 9,

    /// <summary>It was interrupted from the keyboard or by a signal.</summary>
    Interrupted = 130,

    /// <summary>Whoever read the output went away.</summary>
    OutputClosed = 141,
}
