namespace Forge.Benchmarks.Measuring;

/// <summary>Order statistics.</summary>
internal static class Samples
{
    public static double Median(IReadOnlyList<double> values) => Percentile(values, 0.5);

    /// <summary>The value that a part of the values, 0 to 1, does not exceed; between two values in proportion.</summary>
    public static double Percentile(IReadOnlyList<double> values, double part)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("There are no values.", nameof(values));
        }

        var sorted = values.Order().ToArray();
        var place = part * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
