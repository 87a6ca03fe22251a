namespace Kameo.Actors.Transport.Connections;

/// <summary>How long to wait before dialling again: exponential, with full jitter on the upper half, so that many nodes do not dial in step. Pure.</summary>
/// <param name="first">The wait after the first failure, before jitter.</param>
/// <param name="max">The longest wait, before jitter.</param>
internal struct Backoff(TimeSpan first, TimeSpan max)
{
    private int _failures;

    /// <summary>A dial failed: how long to wait.</summary>
    /// <param name="random">The injected source of jitter.</param>
    public TimeSpan Next(Random random)
    {
        double milliseconds = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 30)), max.TotalMilliseconds);
        _failures++;
        return TimeSpan.FromMilliseconds((milliseconds / 2) + (random.NextDouble() * milliseconds / 2));
    }

    /// <summary>A dial succeeded: the next failure waits briefly again.</summary>
    public void Reset() => _failures = 0;
}
