namespace Kameo.Actors.Benchmarks.Cluster;

/// <summary>What was measured of one thing: all values of it.</summary>
/// <param name="Name">What.</param>
/// <param name="Unit">In which unit.</param>
/// <param name="Values">As they came.</param>
/// <param name="AtMost">The goal; null for none.</param>
internal sealed record Sample(string Name, string Unit, IReadOnlyList<double> Values, double? AtMost = null)
{
    /// <summary>The value that half of them do not exceed.</summary>
    public double P50 => Percentile(0.50);

    /// <summary>The value that 99 of 100 do not exceed; of fewer than a hundred the greatest.</summary>
    public double P99 => Percentile(0.99);

    /// <summary>The greatest.</summary>
    public double Most => Values.Count == 0 ? double.NaN : Values.Max();

    private double Percentile(double share)
    {
        if (Values.Count == 0)
        {
            return double.NaN;
        }

        double[] sorted = [.. Values.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
