namespace Forge.Operations;

/// <summary>What a caller over HTTP has to be allowed so that an operation is carried out for it.</summary>
public enum AccessScope
{
    /// <summary>It reads, and changes nothing that anybody sees.</summary>
    Read = 0,

    /// <summary>It changes sessions. Whoever may write may read.</summary>
    Write = 1,

    /// <summary>It is about the tenant as a whole, or about who may come in. Whoever may administer may do anything.</summary>
    Admin = 2,
}
