using Kameo.Actors.Activations;
using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Calls;

/// <summary>Whether it is an ask that waits for the answer of an actor on this node. Only <see cref="LocalAsks"/> calls these, and says there who may.</summary>
public abstract partial class ActorCall
{
    private const long Away = 0;
    private const long Idle = 1;
    private const long Waiting = 2;
    private const long WaitMask = 3;

    /// <summary>Which of the three above in the lowest two bits, the generation in the others.</summary>
    private long _wait;
    private LocalAsks? _asks;

    /// <summary>Its place among them. Under their lock.</summary>
    internal int AskPlace { get; private set; }

    /// <summary>Whether it waits. A glance: any thread.</summary>
    internal bool IsWaiting => (Volatile.Read(ref _wait) & WaitMask) == Waiting;

    /// <summary>Waits, if it has a place there.</summary>
    internal bool TryWait(LocalAsks asks)
    {
        long seen = Volatile.Read(ref _wait);
        return (seen & WaitMask) == Idle && ReferenceEquals(_asks, asks) && TryStep(seen, Waiting);
    }

    /// <summary>Leaves the place that it has, if any. Whoever has rented it.</summary>
    internal void LeavePlace()
    {
        if ((Volatile.Read(ref _wait) & WaitMask) != Away)
        {
            _asks!.Leave(this);
        }
    }

    /// <summary>Waits at a place of its own from now on. Whoever has rented it, after it has left the one before.</summary>
    internal void WaitAt(LocalAsks asks, int place)
    {
        _asks = asks;
        AskPlace = place;
        Interlocked.Exchange(ref _wait, Next(_wait, Waiting)); // Nobody else changes one that is away.
    }

    /// <summary>Waits no longer.</summary>
    /// <returns>False if it did not wait.</returns>
    internal bool TryEndWait()
    {
        long seen = Volatile.Read(ref _wait);
        return (seen & WaitMask) == Waiting && TryStep(seen, Idle);
    }

    /// <summary>Waits no longer, if its deadline has come. Whoever found it there; it may be used elsewhere by now.</summary>
    /// <param name="asks">Where it was found.</param>
    /// <param name="now">The time.</param>
    /// <param name="earliest">Lowered to its deadline, if it goes on waiting.</param>
    internal bool TryEndWait(LocalAsks asks, long now, ref long earliest)
    {
        long seen = Volatile.Read(ref _wait);
        if ((seen & WaitMask) != Waiting || !ReferenceEquals(_asks, asks))
        {
            return false;
        }

        // Of one generation it has one deadline: if the step meets the generation, this was that ask's.
        long deadline = DeadlineMilliseconds;
        if (deadline <= now)
        {
            return TryStep(seen, Idle);
        }

        earliest = Math.Min(earliest, deadline);
        return false;
    }

    /// <summary>Gives its place up, if it does not wait. Under the lock of where it was found.</summary>
    internal bool TryGoAway(LocalAsks asks)
    {
        long seen = Volatile.Read(ref _wait);
        return (seen & WaitMask) == Idle && ReferenceEquals(_asks, asks) && TryStep(seen, Away);
    }

    /// <summary>Reads something of it while it waits. Any thread.</summary>
    /// <param name="read">Copies what is wanted. It may meet a call that is being used again, so it does nothing else.</param>
    /// <param name="value">What was read.</param>
    internal bool TryReadWaiting<T>(Func<PendingAsk, T> read, out T? value)
    {
        value = default;
        long seen = Volatile.Read(ref _wait);
        if ((seen & WaitMask) != Waiting)
        {
            return false;
        }

        value = read(this);

        // Full fence between the copy and the second look; partner: the step of whoever completes it, after which alone it changes.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _wait) == seen;
    }

    private static long Next(long seen, long state) => (seen | WaitMask) + 1 + state;

    private bool TryStep(long seen, long state) => Interlocked.CompareExchange(ref _wait, Next(seen, state), seen) == seen;
}
