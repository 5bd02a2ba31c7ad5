namespace Forge.Operations;

/// <summary>Says on an input's type what a caller over HTTP has to be allowed, where that does not follow from what it is.</summary>
/// <param name="scope">What the caller has to be allowed.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RequiresScopeAttribute(AccessScope scope) : Attribute
{
    /// <summary>What the caller has to be allowed.</summary>
    public AccessScope Scope { get; } = scope;
}
