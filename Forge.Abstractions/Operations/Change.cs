namespace Forge.Operations;

/// <summary>
/// The input of an operation that changes a session and takes effect once for each request id. All its properties but the
/// request are what a repeat must have the same. A property that is added later has the default of its type (null, zero,
/// false, empty), so that an older request is still recognised.
/// </summary>
/// <typeparam name="TResult">What it is answered with.</typeparam>
[GenerateSerializer, Immutable, Alias("forge.change`1")]
public abstract record Change<TResult> : Operation<TResult>
{
    /// <summary>The request id; that of nothing for a change that will not be repeated.</summary>
    [Id(0)]
    public ChangeRequest Request { get; init; }

    /// <inheritdoc/>
    public sealed override bool Changes => true;
}
