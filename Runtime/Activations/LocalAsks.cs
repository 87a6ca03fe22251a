using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Activations;

/// <summary>The asks of actors on this node that wait for an answer: who takes one out completes it, be it the turn, its deadline, or its caller's token. Thread safe, without a lock for each ask.</summary>
/// <remarks>
/// <para>
/// <b>A call keeps its place.</b> Whether it waits stands in the call itself (<c>ActorCall.Pending.cs</c>), in one word {generation, state}: so an ask is added and taken out by one step each, on a cache line that its threads touch anyway.
/// The places here serve to find those that wait. A call takes one with its first ask, and keeps it while it is pooled and used again.
/// </para>
/// <para>
/// <b>Who changes the word.</b> From idle to waiting: who has rented the call. From waiting to idle: whoever completes it, exactly one. From idle to away, after which its place is free: whoever has the lock. From away to waiting: who has rented
/// it, with the lock. Each step raises the generation and is a compare-exchange from what was read before; so one who found a call here that is another ask by now, or another node's, fails.
/// </para>
/// <para>
/// <b>Deadlines.</b> The places are looked at only when the earliest deadline may have come. Who adds an ask stores the word, then looks at <see cref="_earliest"/>, with a full fence between; a sweep forgets that, fences, and then looks at the
/// words. One of them sees the other. A sweep also sends away what is idle, and gives back what is empty then.
/// </para>
/// <para>
/// <b>Bound.</b> The places: by the constructor, and beyond the first 1,024 by the node's <see cref="PendingBudget"/>. Where none is free, the idle are sent away, and only if they were fewer than three in four there are a quarter more:
/// so calls that do not wait, be they of no pool any more, take little of the budget from asks of other nodes, and a look at all is shared by many. Only when all wait an ask is refused.
/// </para>
/// </remarks>
internal sealed class LocalAsks
{
    private const int ChunkShift = 10;
    private const int ChunkPlaces = PendingTable.ChunkAsks;

    private readonly PendingBudget _budget;
    private readonly int _asksMax;
    private readonly Lock _lock = new();
    private readonly ActorCall?[]?[] _chunks;

    /// <summary>Free places, the next one last. Under the lock.</summary>
    private readonly Stack<int> _free = new();

    private long _earliest = long.MaxValue;

    /// <summary>No place was free and no call idle, and none has become so since.</summary>
    private bool _allWait;

    /// <summary>Makes it.</summary>
    /// <param name="budget">The node's bound on asks.</param>
    /// <param name="asksMax">Most asks at a time.</param>
    public LocalAsks(PendingBudget budget, int asksMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(asksMax);
        _budget = budget;
        _asksMax = asksMax;
        _chunks = new ActorCall?[]?[((asksMax - 1) >> ChunkShift) + 1];
    }

    /// <summary>How many wait. Looks at all: for metrics and tests.</summary>
    public int Count => Calls().Count(static found => found.Call.IsWaiting);

    /// <summary>How many places there are, used or not.</summary>
    public int Capacity => _chunks.Sum(static chunk => chunk?.Length ?? 0);

    /// <summary>Adds an ask, whose deadline is set. Whoever has rented it.</summary>
    /// <returns>False if too many wait.</returns>
    public bool TryAdd(ActorCall call)
    {
        if (!call.TryWait(this) && !TryPlace(call))
        {
            return false;
        }

        // The step of the call was a full fence; partner: the exchange in Sweep.
        if (call.DeadlineMilliseconds < Volatile.Read(ref _earliest))
        {
            Lower(call.DeadlineMilliseconds);
        }

        return true;
    }

    /// <summary>Takes an ask out.</summary>
    /// <returns>False if somebody else has: it is complete already.</returns>
    public bool TryTake(ActorCall call)
    {
        if (!call.TryEndWait())
        {
            return false;
        }

        // That was a full fence; partner: SendIdleAway.
        if (Volatile.Read(ref _allWait))
        {
            Volatile.Write(ref _allWait, false);
        }

        return true;
    }

    /// <summary>The caller's token fired.</summary>
    public void Cancel(ActorCall call)
    {
        if (TryTake(call))
        {
            Fail(call, AskEnd.Cancelled, "cancelled by its caller");
        }
    }

    /// <summary>The node's incarnation is over: no turn that would answer is resumed.</summary>
    public void FailAll(string why) => Sweep(long.MaxValue, AskEnd.ConnectionLost, why);

    /// <summary>Fails the asks whose deadline has passed.</summary>
    public void Sweep(long now)
    {
        if (Volatile.Read(ref _earliest) <= now)
        {
            Sweep(now, AskEnd.TimedOut, "no answer within its time");
        }
    }

    /// <inheritdoc cref="PendingTable.Read"/>
    public void Read<T>(List<T> into, int max, Func<PendingAsk, T> read)
    {
        foreach ((ActorCall call, _) in Calls())
        {
            if (into.Count >= max)
            {
                return;
            }

            if (call.TryReadWaiting(read, out T? value))
            {
                into.Add(value!);
            }
        }
    }

    /// <summary>Takes a call out of its place here. Whoever has rented it.</summary>
    public void Leave(ActorCall call)
    {
        lock (_lock)
        {
            if (call.TryGoAway(this))
            {
                Vacate(call.AskPlace);
            }
        }
    }

    private static void Fail(ActorCall call, AskEnd end, string why)
    {
        call.CancelTurn();
        call.FailTaken(end, why);
    }

    /// <summary>Looks at all calls: fails those whose deadline has come, sends away those that are idle.</summary>
    private void Sweep(long until, AskEnd end, string why)
    {
        List<ActorCall> taken = [];
        lock (_lock)
        {
            Interlocked.Exchange(ref _earliest, long.MaxValue);
            long earliest = long.MaxValue;
            foreach ((ActorCall call, int place) in Calls())
            {
                if (call.TryGoAway(this))
                {
                    Vacate(place);
                }
                else if (call.TryEndWait(this, until, ref earliest))
                {
                    taken.Add(call);
                }
            }

            Lower(earliest);
            GiveBackEmpty();
            Volatile.Write(ref _allWait, false); // Those that were taken are idle; whoever sets it has the lock.
        }

        foreach (ActorCall call in taken)
        {
            Fail(call, end, why);
        }
    }

    private void Lower(long deadline)
    {
        for (long earliest = Volatile.Read(ref _earliest); deadline < earliest;)
        {
            long seen = Interlocked.CompareExchange(ref _earliest, deadline, earliest);
            if (seen == earliest)
            {
                return;
            }

            earliest = seen;
        }
    }

    /// <summary>The call has no place here: finds it one.</summary>
    private bool TryPlace(ActorCall call)
    {
        call.LeavePlace();
        lock (_lock)
        {
            if (_free.Count == 0 && !TryMakeRoom())
            {
                return false;
            }

            int place = _free.Pop();
            call.WaitAt(this, place);
            Volatile.Write(ref _chunks[place >> ChunkShift]![place & (ChunkPlaces - 1)], call);
            return true;
        }
    }

    private bool TryMakeRoom()
    {
        int looked = SendIdleAway();
        if (_free.Count * 4 <= looked * 3)
        {
            for (int more = Math.Max(1, _chunks.Count(static chunk => chunk is not null) / 4); more > 0 && TryGrow(); more--)
            {
                // A quarter more.
            }
        }

        return _free.Count > 0;
    }

    /// <returns>How many were looked at.</returns>
    private int SendIdleAway()
    {
        if (_allWait)
        {
            return 0;
        }

        // Said before it is looked, with a full fence between; partner: TryTake.
        Volatile.Write(ref _allWait, true);
        Interlocked.MemoryBarrier();
        int looked = 0;
        foreach ((ActorCall call, int place) in Calls())
        {
            looked++;
            if (call.TryGoAway(this))
            {
                Vacate(place);
            }
        }

        if (_free.Count > 0)
        {
            Volatile.Write(ref _allWait, false);
        }

        return looked;
    }

    private bool TryGrow()
    {
        int chunk = Array.IndexOf(_chunks, null);
        if (chunk < 0 || (chunk > 0 && !_budget.TryGrantChunk()))
        {
            return false;
        }

        int first = chunk << ChunkShift;
        Volatile.Write(ref _chunks[chunk], new ActorCall?[Math.Min(ChunkPlaces, _asksMax - first)]);
        AddFree(chunk);
        return true;
    }

    private void Vacate(int place)
    {
        Volatile.Write(ref _chunks[place >> ChunkShift]![place & (ChunkPlaces - 1)], null);
        _free.Push(place);
    }

    /// <summary>Gives the chunks back that have no call, all but the first; puts the free places in order, so that low ones are used first.</summary>
    private void GiveBackEmpty()
    {
        _free.Clear();
        for (int chunk = _chunks.Length - 1; chunk >= 0; chunk--)
        {
            if (_chunks[chunk] is not { } places)
            {
                continue;
            }

            if (chunk > 0 && Array.TrueForAll(places, static call => call is null))
            {
                Volatile.Write(ref _chunks[chunk], null);
                _budget.ReturnChunk();
            }
            else
            {
                AddFree(chunk);
            }
        }
    }

    private void AddFree(int chunk)
    {
        ActorCall?[] places = _chunks[chunk]!;
        for (int index = places.Length - 1; index >= 0; index--)
        {
            if (places[index] is null)
            {
                _free.Push((chunk << ChunkShift) + index);
            }
        }
    }

    private IEnumerable<(ActorCall Call, int Place)> Calls()
    {
        for (int c = 0; c < _chunks.Length; c++)
        {
            ActorCall?[] chunk = Volatile.Read(ref _chunks[c]) ?? [];
            for (int index = 0; index < chunk.Length; index++)
            {
                if (Volatile.Read(ref chunk[index]) is { } call)
                {
                    yield return (call, (c << ChunkShift) + index);
                }
            }
        }
    }
}
