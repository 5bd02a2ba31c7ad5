namespace Forge.Operations;

/// <summary>
/// The input of one operation on a session, in the one form in which callers, the session's grain and its handler have it.
/// A new operation is a new record of this kind with a handler of its own.
/// </summary>
/// <typeparam name="TResult">What it is answered with.</typeparam>
[GenerateSerializer, Immutable, Alias("forge.operation`1")]
public abstract record Operation<TResult> : IOperation
{
    /// <inheritdoc/>
    public virtual bool Changes => false;
}
