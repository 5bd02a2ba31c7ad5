namespace Forge.Errors;

/// <summary>
/// A tenant has as much as it may have in the cluster: the change would make it more, and was refused before it changed anything. What
/// removes something is never refused for it, and makes room.
/// </summary>
[GenerateSerializer, Alias("forge.error.quota_exceeded")]
public sealed class QuotaExceededException : ForgeException
{
    /// <summary>Makes the error for a <paramref name="quota"/> of which <paramref name="used"/> is used.</summary>
    /// <param name="quota">Which: <c>sessions</c> or <c>storedBytes</c>.</param>
    /// <param name="limit">The most that the tenant may have.</param>
    /// <param name="used">What it has, as far as this silo knows, with what is being written.</param>
    public QuotaExceededException(string quota, long limit, long used)
        : base($"The tenant has {used} of its quota of {limit} {NameOf(quota)}, and the change would go beyond it.") =>
        (Quota, Limit, Used) = (quota, limit, used);

    /// <summary>Which: <c>sessions</c>, or <c>storedBytes</c>, which counts states and pending writes as they were given.</summary>
    [Id(0)]
    public string Quota { get; }

    /// <summary>The most that the tenant may have.</summary>
    [Id(1)]
    public long Limit { get; }

    /// <summary>What it has, as far as the silo knows, with what is being written. May be a little more or less than the truth.</summary>
    [Id(2)]
    public long Used { get; }

    /// <inheritdoc/>
    public override string Code => "quota_exceeded";

    private static string NameOf(string quota) => quota == "storedBytes" ? "stored bytes" : quota;
}
