using System.Runtime.CompilerServices;

namespace Kameo.Actors.Transport;

/// <summary>
/// What a thread's last precise reading of the <see cref="SleepClock"/> says about now: a coarse clock, a fifth of the price, tells that it was made a moment ago, so what is far behind that reading is still to come.
/// A mutable struct of one thread, or of one test.
/// </summary>
/// <remarks>
/// <para>
/// Let the thread have read the coarse clock (C) and then the precise one (F), and read the coarse one again now (D). Since F at most D - C and the coarse clock's lag have passed. With D - C no more than
/// <see cref="Reach"/> and a lag of no more than <see cref="LagMax"/>, a moment later than F + Reach + LagMax is not reached. Everything else is left to a precise reading: this never says that a moment has passed.
/// </para>
/// <para>
/// The coarse clock has to count sleep, as leases do. Linux has none that cannot be set, so it is the wall clock, <c>CLOCK_REALTIME_COARSE</c>: the time slept is added to both in one step. One that is set forward only asks for a
/// precise reading. One that is set back would deceive if it went back by just what this thread was away, to 50 ms, while the lease ran out; the fence stands behind that as behind a stretch that was frozen. The clock lags by a tick
/// (1 to 10 ms); where a virtual machine's other core keeps the time and is held, for as long as that, on kernels before 5.18: hence the second allowed here.
/// </para>
/// <para>
/// A coarse clock that stands still for longer than that second is beyond what is counted on. It cannot keep a lease alive for ever: after <see cref="GlancesMax"/> answers in a row the precise clock is read whatever the coarse one says.
/// </para>
/// </remarks>
internal struct ClockGlance
{
    /// <summary>How old a precise reading may be, in ticks of 100 ns.</summary>
    public const long Reach = 50 * TimeSpan.TicksPerMillisecond;

    /// <summary>How far the coarse clock may lag, in ticks.</summary>
    public const long LagMax = TimeSpan.TicksPerSecond;

    /// <summary>How often in a row it answers by one reading: a 256th of a precise reading's price each time, and a thread that resumes turns as fast as it can comes here every few microseconds.</summary>
    public const int GlancesMax = 256;

    /// <summary>The latest moment that may have been reached as long as the reading counts.</summary>
    private long _latest;
    private long _coarse;
    private int _glancesLeft;

    /// <summary>Whether a moment is certainly still to come; false, too, where that is unknown.</summary>
    /// <param name="moment">On the precise clock, in ticks.</param>
    /// <param name="coarse">The coarse clock now, in ticks.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsBefore(long moment, long coarse) => (ulong)(coarse - _coarse) <= (ulong)Reach && moment > _latest && --_glancesLeft >= 0;

    /// <summary>Keeps a reading.</summary>
    /// <param name="coarse">The coarse clock, read first.</param>
    /// <param name="precise">The precise clock, read then.</param>
    public void Keep(long coarse, long precise)
    {
        _coarse = coarse;
        _latest = precise + Reach + LagMax;
        _glancesLeft = GlancesMax;
    }
}
