using Forge.Errors;

namespace Forge.Operations;

/// <summary>
/// The input of an operation that changes a session and takes effect once for each request id. All its properties but the
/// request, the epoch and the anchor are what a repeat must have the same. A property that is added later has the default of its type (null, zero,
/// false, empty), so that an older request is still recognised.
/// </summary>
/// <remarks>
/// In a session that somebody has claimed, a change without an epoch is a <see cref="SessionClaimedException"/>, and one with another
/// epoch than that of the claim a <see cref="ClaimSupersededException"/>, as is one with any epoch if nobody has claimed the session.
/// </remarks>
/// <typeparam name="TResult">What it is answered with.</typeparam>
[GenerateSerializer, Immutable, Alias("forge.change`1")]
public abstract record Change<TResult> : Operation<TResult>
{
    /// <summary>The request id; that of nothing for a change that will not be repeated.</summary>
    [Id(0)]
    public ChangeRequest Request { get; init; }

    /// <summary>
    /// The epoch of the claim that the change is made under; null for none. It is no part of what a repeat must have the same.
    /// </summary>
    [Id(1)]
    public long? Epoch { get; init; }

    /// <inheritdoc/>
    public sealed override bool Changes => true;
}
