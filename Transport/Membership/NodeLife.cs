using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Membership;

/// <summary>
/// One incarnation of this node and its lease. Whoever enters user code keeps the life that its activation belongs to and asks it, which looks at the clock each time: an ended life never says yes again, whatever
/// lease the node has as its next incarnation.
/// </summary>
/// <remarks>Thread safe without a lock: one number, written by the control thread alone.</remarks>
/// <param name="self">The peer in this incarnation.</param>
/// <param name="clock">The clock of leases.</param>
internal sealed class NodeLife(MemberId self, SleepClock clock)
{
    private long _leaseEnd = long.MinValue;
    private volatile bool _isOver;

    /// <summary>The peer in this incarnation.</summary>
    public MemberId Self => self;

    /// <summary>Whether it has ended: evicted, left, dissolved. It does not come back.</summary>
    public bool IsOver => _isOver;

    /// <summary>When the lease ends, on the clock of leases.</summary>
    public TimeSpan LeaseEnd => new(Math.Max(Volatile.Read(ref _leaseEnd), ViewTiming.LongAgo.Ticks));

    /// <summary>Whether user code may be entered now; looks at the clock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayEnter() => clock.IsBefore(Volatile.Read(ref _leaseEnd));

    /// <inheritdoc cref="MayEnter()"/>
    /// <param name="last">The thread's last reading, where that is at hand.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayEnter(ref ClockGlance last) => clock.IsBefore(Volatile.Read(ref _leaseEnd), ref last);

    /// <summary>The control thread: the lease is this long now. Nothing after the end.</summary>
    public void Renew(TimeSpan leaseEnd)
    {
        if (!_isOver)
        {
            Volatile.Write(ref _leaseEnd, leaseEnd.Ticks);
        }
    }

    /// <summary>The control thread: it is over.</summary>
    public void End()
    {
        _isOver = true;
        Volatile.Write(ref _leaseEnd, long.MinValue);
    }
}
