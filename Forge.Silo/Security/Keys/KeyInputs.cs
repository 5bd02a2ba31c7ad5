using Forge.Operations;

namespace Forge.Silo.Security.Keys;

/// <summary>Makes a key of the caller's tenant.</summary>
[RequiresScope(AccessScope.Admin)]
internal sealed record CreateKey : IOperation
{
    public bool Changes => true;
}

/// <summary>Lists the keys of the caller's tenant.</summary>
[RequiresScope(AccessScope.Admin)]
internal sealed record ListKeys : IOperation
{
    public bool Changes => false;
}

/// <summary>Revokes a key of the caller's tenant.</summary>
[RequiresScope(AccessScope.Admin)]
internal sealed record RevokeKey : IOperation
{
    public bool Changes => true;
}

/// <summary>Tells callers who they are.</summary>
internal sealed record WhoAmI : IOperation
{
    public bool Changes => false;
}
