using System.Globalization;

namespace Samples.PingPong;

/// <summary>Durations as people type them: <c>0</c>, <c>500ms</c>, <c>2s</c>, <c>1.5s</c>, <c>1m</c>.</summary>
internal static class DurationText
{
    private static readonly (string Unit, double Milliseconds)[] s_units = [("ms", 1), ("s", 1000), ("m", 60_000)];

    /// <summary>Reads a duration; null for anything else, for negative ones and for more than a day.</summary>
    public static TimeSpan? TryParse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        foreach ((string unit, double milliseconds) in s_units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            {
                double total = number * milliseconds;
                return total <= TimeSpan.FromDays(1).TotalMilliseconds ? TimeSpan.FromMilliseconds(total) : null;
            }
        }

        return null;
    }
}
