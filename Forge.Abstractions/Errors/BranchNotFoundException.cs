using Forge.Identity;

namespace Forge.Errors;

/// <summary>The session has no branch of that name.</summary>
[GenerateSerializer, Alias("forge.error.branch_not_found")]
public sealed class BranchNotFoundException : ForgeException
{
    /// <summary>Makes the error for a branch of a session.</summary>
    public BranchNotFoundException(SessionAddress session, string branch)
        : base($"Session {session} has no branch '{branch}'.") => (Session, Branch) = (session, branch);

    /// <summary>The session.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The name.</summary>
    [Id(1)]
    public string Branch { get; }

    /// <inheritdoc/>
    public override string Code => "branch_not_found";
}
