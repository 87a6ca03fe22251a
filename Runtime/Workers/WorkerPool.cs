using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;

namespace Kameo.Actors.Workers;

/// <summary>The activations of one stateless worker on this node: hop 7 of its calls. A call goes to an idle one, else to a new one, else, at the limit, to the one with the fewest calls waiting. Thread safe.</summary>
/// <remarks>
/// An idle worker is found and its mailbox entered without a lock, the first idle one first, so that those that are not needed stay idle long enough to be collected. The lock is for growing and shrinking.
/// Bound: <see cref="ActorClass.WorkersMax"/> activations; their mailboxes are bounded as every actor's.
/// </remarks>
/// <param name="id">Which actor.</param>
/// <param name="class">Its class.</param>
internal sealed class WorkerPool(ActorId id, ActorClass @class)
{
    private const int SpinsMax = 100;

    private readonly Lock _lock = new();

    /// <summary>Replaced whole under the lock.</summary>
    private volatile Activation[] _workers = [];
    private bool _isClosed;

    /// <summary>Those in memory.</summary>
    public IReadOnlyList<Activation> Workers => _workers;

    /// <summary>Puts a call into the mailbox of a worker. The caller schedules it.</summary>
    /// <param name="table">Where new workers belong.</param>
    /// <param name="call">The call.</param>
    /// <param name="number">Which one of the worker's calls it is.</param>
    /// <returns>The worker; null if the pool was dropped meanwhile: there is, or will be, another.</returns>
    public Activation? Deliver(ActivationTable table, ActorCall call, out long number)
    {
        var spin = default(SpinWait);
        while (true)
        {
            if (TryDeliverIdle(call, out number) is { } idle)
            {
                return idle;
            }

            lock (_lock)
            {
                if (_isClosed)
                {
                    return null;
                }

                // One that ends has its place until it has left, or has a successor. That takes no user code, but for what is told of refused calls: whoever calls from there does not wait for itself.
                int count = spin.Count < SpinsMax ? _workers.Length : _workers.Count(static worker => worker.State != ActivationState.Ended);
                if (count < @class.WorkersMax)
                {
                    if (TryDeliverIdle(call, out number) is { } became)
                    {
                        return became;
                    }

                    var made = new Activation(table.TermsOf(@class), id.Key);
                    made.TryEnqueue(call, out number); // Nobody else knows it.
                    _workers = [.. _workers, made];
                    return made;
                }
            }

            if (Shortest() is { } busy && busy.TryEnqueue(call, out number))
            {
                return busy;
            }

            spin.SpinOnce(); // All are ending.
        }
    }

    /// <summary>A worker has ended.</summary>
    /// <returns>Whether it was the last: the pool takes no calls any more.</returns>
    public bool Remove(Activation ended)
    {
        lock (_lock)
        {
            _workers = [.. _workers.Where(worker => worker != ended)];
            _isClosed |= _workers.Length == 0;
            return _isClosed;
        }
    }

    /// <summary>A worker ends with calls left: its successor has its place.</summary>
    public void Replace(Activation ended, Activation next)
    {
        lock (_lock)
        {
            _workers = [.. _workers.Select(worker => worker == ended ? next : worker)];
        }
    }

    private Activation? TryDeliverIdle(ActorCall call, out long number)
    {
        foreach (Activation worker in _workers)
        {
            if (worker.TryEnqueueIdle(call, out number))
            {
                return worker;
            }
        }

        number = 0;
        return null;
    }

    /// <summary>The one with the fewest calls waiting. A glance.</summary>
    public Activation? Shortest()
    {
        Activation? shortest = null;
        long fewest = long.MaxValue;
        foreach (Activation worker in _workers)
        {
            long waiting = worker.QueuedCalls;
            if (waiting < fewest && worker.State != ActivationState.Ended)
            {
                shortest = worker;
                fewest = waiting;
            }
        }

        return shortest;
    }
}
