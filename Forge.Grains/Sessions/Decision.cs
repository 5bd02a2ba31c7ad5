namespace Forge.Grains.Sessions;

internal enum Verdict
{
    /// <summary>The change is numbered and waits to be committed.</summary>
    Accepted,

    /// <summary>It was throttled; there is nothing to commit.</summary>
    NotTaken,

    /// <summary>It depends on a change that is not settled yet: settle that one and ask again.</summary>
    Wait,

    /// <summary>What the caller had read is out of date: read again and ask again.</summary>
    Reread,
}

/// <summary>The engine's answer to a command.</summary>
/// <param name="Verdict">What to do.</param>
/// <param name="Change">The accepted change, or the one to wait for; null otherwise.</param>
internal readonly record struct Decision(Verdict Verdict, PendingChange? Change = null)
{
    public static Decision Accept(PendingChange change) => new(Verdict.Accepted, change);

    public static Decision WaitFor(PendingChange change) => new(Verdict.Wait, change);
}
