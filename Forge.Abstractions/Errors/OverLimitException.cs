namespace Forge.Errors;

/// <summary>A value of the request is larger than a limit of the options allows.</summary>
[GenerateSerializer, Alias("forge.error.limit_exceeded")]
public sealed class OverLimitException : ForgeException
{
    /// <summary>Makes the error for a <paramref name="field"/> of <paramref name="actual"/> units.</summary>
    /// <param name="field">The field of the request, in the camel case of the HTTP surface.</param>
    /// <param name="limit">The greatest value allowed.</param>
    /// <param name="actual">The value that came; if it was not read to its end, the size at which reading stopped.</param>
    /// <param name="unit">What is counted: <c>bytes</c>, <c>characters</c>, <c>tags</c>, <c>records</c>.</param>
    public OverLimitException(string field, long limit, long actual, string unit)
        : base($"{field} has {actual} {unit}; the limit is {limit}.") =>
        (Field, Limit, Actual, Unit) = (field, limit, actual, unit);

    /// <summary>The field of the request, in the camel case of the HTTP surface.</summary>
    [Id(0)]
    public string Field { get; }

    /// <summary>The greatest value allowed, in <see cref="Unit"/>.</summary>
    [Id(1)]
    public long Limit { get; }

    /// <summary>The value that came, in <see cref="Unit"/>.</summary>
    [Id(2)]
    public long Actual { get; }

    /// <summary>What is counted: <c>bytes</c>, <c>characters</c>, <c>tags</c>, <c>records</c>.</summary>
    [Id(3)]
    public string Unit { get; }

    /// <inheritdoc/>
    public override string Code => "limit_exceeded";

    /// <summary>The same error, of a part of the request.</summary>
    /// <param name="path">What goes before the names of the part's fields.</param>
    internal OverLimitException In(string path) => new(path + Field, Limit, Actual, Unit);
}
