using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// The session's log does not contain the anchor that came with the call: what was acknowledged to its caller is not there any more, as after
/// an older copy of the database was put back. Nothing was read or changed. Every call with that anchor is answered so; whoever accepts the
/// history as it is now goes on without it.
/// </summary>
[GenerateSerializer, Alias("forge.error.history_rewritten")]
public sealed class HistoryRewrittenException : ForgeException
{
    /// <summary>Makes the error for an anchor.</summary>
    /// <param name="session">The session.</param>
    /// <param name="position">The position of the anchor.</param>
    /// <param name="problem">What the log has in its place, as a half sentence.</param>
    public HistoryRewrittenException(SessionAddress session, long position, string problem)
        : base($"The history of session {session} was rewritten: position {position} was acknowledged, and {problem}.") =>
        (Session, Position, Problem) = (session, position, problem);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The position of the anchor.</summary>
    [Id(1)]
    public long Position { get; }

    /// <summary>What the log has in its place, as a half sentence.</summary>
    [Id(2)]
    public string Problem { get; }

    /// <inheritdoc/>
    public override string Code => "history_rewritten";
}
