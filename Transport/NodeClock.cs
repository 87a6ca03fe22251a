namespace Kameo.Actors.Transport;

/// <summary>The node's clock for deadlines: milliseconds that only rise, cheap enough to read for each message.</summary>
/// <remarks>
/// With the system's <see cref="TimeProvider"/> it is the coarse monotonic clock (about 4 ns a reading, a few milliseconds of grain); with any other provider, its timestamps.
/// Leases do not use it: they need a clock that counts sleep.
/// </remarks>
/// <param name="provider">The node's time.</param>
internal sealed class NodeClock(TimeProvider provider)
{
    private readonly bool _isSystem = ReferenceEquals(provider, TimeProvider.System);
    private readonly long _start = provider.GetTimestamp();

    /// <summary>The provider behind it: timers, wall clock.</summary>
    public TimeProvider Provider => provider;

    /// <summary>Milliseconds since some moment before the node started; never falls.</summary>
    public long NowMilliseconds => _isSystem ? Environment.TickCount64 : 1 + (long)provider.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>The moment a span from now; spans beyond any use give <see cref="long.MaxValue"/>.</summary>
    public long After(TimeSpan span) => span.TotalMilliseconds >= long.MaxValue / 4 ? long.MaxValue : NowMilliseconds + (long)Math.Ceiling(span.TotalMilliseconds);
}
