using Forge.Grains.Rules;
using Forge.Operations;

namespace Forge.Grains.Sessions;

/// <summary>Carries out the operations of one input type. Holds nothing; one serves all sessions of the silo.</summary>
internal interface IOperationHandler
{
    /// <summary>The type of the input.</summary>
    Type Input { get; }
}

/// <summary>Carries out an operation whose answer's type is known, and that of whose input is not.</summary>
internal abstract class OperationHandler<TResult> : IOperationHandler
{
    public abstract Type Input { get; }

    public abstract Task<TResult> RunAsync(LiveSession session, Operation<TResult> operation, CancellationToken cancellationToken);
}

/// <summary>Carries out an operation that reads, or one that is made of others. Passes no gate of its own.</summary>
internal abstract class OperationHandler<TOperation, TResult> : OperationHandler<TResult>
    where TOperation : Operation<TResult>
{
    public sealed override Type Input => typeof(TOperation);

    public sealed override Task<TResult> RunAsync(
        LiveSession session, Operation<TResult> operation, CancellationToken cancellationToken) =>
        RunAsync(session, (TOperation)operation, cancellationToken);

    protected abstract Task<TResult> RunAsync(LiveSession session, TOperation operation, CancellationToken cancellationToken);
}

/// <summary>
/// Carries out a change of what is there. It says what the change reads, what it asks the engine, what it is answered with
/// and what is remembered of it; all else is the runner's.
/// </summary>
internal abstract class ChangeHandler<TChange, TResult> : OperationHandler<TChange, TResult>
    where TChange : Change<TResult>
{
    /// <summary>True if it looks at the whole session, and so runs without other changes but creates.</summary>
    protected virtual bool IsExclusive => false;

    /// <summary>False if the session itself tells what became of it, or if nothing is to.</summary>
    protected virtual bool IsRemembered(TChange change) => true;

    protected sealed override Task<TResult> RunAsync(LiveSession session, TChange operation, CancellationToken cancellationToken)
    {
        var request = IsRemembered(operation) ? operation.Request : default;
        var (change, overLimit) = session.Services.Rules.Check(request.MayBeRepeat, rules => Check(rules, operation));
        return ChangeRunner.RunAsync(
            session,
            IsExclusive,
            RequestMemory.Of(session.Address, OfEveryAttempt(change), request),
            memory => RecallAsync(session, change, memory),
            memory => overLimit is null ? DecideAsync(session, change, memory) : throw overLimit,
            AuthorityOf(change),
            WeightOf(change));
    }

    /// <summary>By what right the change is made: what it is held against before it is decided.</summary>
    protected virtual Authority AuthorityOf(TChange change) => new(change.Epoch);

    /// <summary>About the bytes of what its caller gave, where that may be long.</summary>
    protected virtual long WeightOf(TChange change) => 0;

    /// <summary>Checks the values.</summary>
    /// <param name="rules">The rules to check by.</param>
    /// <param name="change">The change as it was given.</param>
    /// <returns>The change in the one form of all that mean the same: its digest is what a repeat must have the same.</returns>
    protected virtual TChange Check(SessionRules rules, TChange change) => change;

    /// <summary>What of a checked change a repeat must have the same: all of it, but what says no more than how it is answered.</summary>
    protected virtual TChange OfEveryAttempt(TChange change) => change;

    /// <summary>The answer to a repeat. Unless it says otherwise, the answer itself is what is remembered.</summary>
    protected virtual Task<Recalled<TResult>> RecallAsync(LiveSession session, TChange change, RequestMemory memory) =>
        Task.FromResult(new Recalled<TResult>(true, memory.Answer<TResult>()));

    /// <summary>
    /// Reads what it needs, then lets the engine decide. From the decision to its end there must be no await: this is the
    /// turn in which the change takes its place in the order.
    /// </summary>
    protected abstract Task<Step<TResult>> DecideAsync(LiveSession session, TChange change, RequestMemory memory);
}
