using System.Diagnostics;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>How long each message of a round took, when it is measured at all: with one caller. For that one caller.</summary>
internal sealed class Latencies
{
    /// <summary>10 s at 100,000 a second; later ones count for the rate only.</summary>
    private const int CountMax = 1_000_000;

    private long[] _ticks = [];
    private int _count;
    private bool _isOn;

    /// <summary>Begins a round.</summary>
    public void Reset(bool isOn)
    {
        _isOn = isOn;
        _count = 0;
        if (isOn && _ticks.Length == 0)
        {
            _ticks = new long[CountMax];
            Array.Fill(_ticks, 1); // Touches every page, so that no message pays for one.
        }
    }

    /// <summary>A message begins.</summary>
    public long Start() => _isOn ? Stopwatch.GetTimestamp() : 0;

    /// <summary>It has been answered.</summary>
    public void Stop(long started)
    {
        if (_isOn && _count < _ticks.Length)
        {
            _ticks[_count++] = Stopwatch.GetTimestamp() - started;
        }
    }

    /// <summary>Ends a round; percentiles may be read from here.</summary>
    public void Sort() => Array.Sort(_ticks, 0, _count);

    /// <summary>The latency that a share of the messages does not exceed (nearest rank), in microseconds; 0 when none was timed.</summary>
    public double Percentile(double share) =>
        _count == 0 ? 0 : _ticks[Math.Clamp((int)Math.Ceiling(share * _count), 1, _count) - 1] * 1e6 / Stopwatch.Frequency;
}
