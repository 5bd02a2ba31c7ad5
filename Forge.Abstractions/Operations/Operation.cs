using Forge.Errors;
using Forge.Integrity;

namespace Forge.Operations;

/// <summary>
/// The input of one operation on a session, in the one form in which callers, the session's grain and its handler have it.
/// A new operation is a new record of this kind with a handler of its own.
/// </summary>
/// <typeparam name="TResult">What it is answered with.</typeparam>
[GenerateSerializer, Immutable, Alias("forge.operation`1")]
public abstract record Operation<TResult> : IOperation
{
    /// <summary>
    /// The newest anchor of the session that its caller knows: a log that does not contain it answers
    /// <see cref="HistoryRewrittenException"/>, and nothing is read or changed. Null for none. It is no part of what a repeat must have the same.
    /// </summary>
    [Id(0)]
    public Anchor? Anchor { get; init; }

    /// <inheritdoc/>
    public virtual bool Changes => false;
}
