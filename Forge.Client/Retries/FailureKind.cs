namespace Forge.Client.Retries;

/// <summary>What a failed attempt says of the call.</summary>
internal enum FailureKind
{
    /// <summary>The same call would fail again: it is the caller's to know.</summary>
    Definite,

    /// <summary>Nothing was changed, and the same call may succeed later.</summary>
    Unchanged,

    /// <summary>The call may have taken effect, or may yet.</summary>
    Unknown,
}
