using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Activations;

/// <summary>The asks of actors on this node that wait for an answer: who takes one out completes it, be it the turn, its deadline, or its caller's token. Thread safe, without locks.</summary>
/// <remarks>Several tables, each for some of the threads that ask, so that they do not meet in one free list. All together hold no more than the bound.</remarks>
internal sealed class LocalAsks
{
    private const int TablesMax = 16;

    private readonly PendingTable[] _tables;

    /// <summary>Makes it.</summary>
    /// <param name="budget">The node's bound on asks.</param>
    /// <param name="asksMax">Most asks at a time.</param>
    public LocalAsks(PendingBudget budget, int asksMax)
    {
        // None is smaller than a chunk: where few asks may wait there is one table.
        int tables = Math.Clamp(Math.Min(Environment.ProcessorCount, asksMax / PendingTable.ChunkAsks), 1, TablesMax);
        _tables = new PendingTable[tables];
        for (int table = 0; table < tables; table++)
        {
            _tables[table] = new PendingTable(budget, (asksMax / tables) + (table < asksMax % tables ? 1 : 0));
        }
    }

    /// <summary>How many wait.</summary>
    public int Count => _tables.Sum(static table => table.Count);

    /// <summary>Adds an ask.</summary>
    /// <param name="call">The ask.</param>
    /// <param name="thread">A number of the thread that adds it.</param>
    /// <returns>False if there are too many.</returns>
    public bool TryAdd(ActorCall call, int thread)
    {
        PendingTable[] tables = _tables;
        int first = (int)((uint)thread % (uint)tables.Length);
        for (int tried = 0; tried < tables.Length; tried++)
        {
            int table = first + tried < tables.Length ? first + tried : first + tried - tables.Length;
            call.AskTable = table; // Before it can be found there.
            if (tables[table].TryAdd(call, call.DeadlineMilliseconds, out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes an ask out.</summary>
    /// <returns>False if somebody else has: it is complete already.</returns>
    public bool TryTake(ActorCall call) => _tables[call.AskTable].TryTake(call);

    /// <summary>The caller's token fired.</summary>
    public void Cancel(ActorCall call)
    {
        if (TryTake(call))
        {
            call.CancelTurn();
            call.FailTaken(AskEnd.Cancelled, "cancelled by its caller");
        }
    }

    /// <summary>The node's incarnation is over: no turn that would answer is resumed.</summary>
    public void FailAll(string why)
    {
        foreach (PendingTable table in _tables)
        {
            table.TakeAll(why, static (why, ask) =>
            {
                var call = (ActorCall)ask;
                call.CancelTurn();
                call.FailTaken(AskEnd.ConnectionLost, why);
            });
        }
    }

    /// <inheritdoc cref="PendingTable.Read"/>
    public void Read<T>(List<T> into, int max, Func<PendingAsk, T> read)
    {
        foreach (PendingTable table in _tables)
        {
            table.Read(into, max, read);
        }
    }

    /// <summary>Fails the asks whose deadline has passed.</summary>
    public void Sweep(long now)
    {
        foreach (PendingTable table in _tables)
        {
            table.TakeExpired(now, this, static (_, ask) =>
            {
                var call = (ActorCall)ask;
                call.CancelTurn();
                call.FailTaken(AskEnd.TimedOut, "no answer within its time");
            });
        }
    }
}
