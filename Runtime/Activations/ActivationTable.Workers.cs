using System.Collections.Concurrent;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Workers;

namespace Kameo.Actors.Activations;

/// <summary>Stateless workers: several activations of one id.</summary>
internal sealed partial class ActivationTable
{
    private readonly ConcurrentDictionary<ActorId, WorkerPool> _pools = new();
    private volatile TaskCompletionSource? _noWorkers;

    /// <summary>Whether workers run what waits in them before they end. A glance: any thread.</summary>
    public bool LetsWorkersFinish { get; private set; }

    private IEnumerable<Activation> Workers => _pools.SelectMany(static entry => entry.Value.Workers);

    private Activation Deliver(ActorCall call, ActorClass @class, out long number)
    {
        while (true)
        {
            WorkerPool pool = _pools.GetOrAdd(call.Target, static (id, found) => new WorkerPool(id, found), @class);
            if (pool.Deliver(this, call, out number) is { } worker)
            {
                return worker;
            }

            _pools.TryRemove(new KeyValuePair<ActorId, WorkerPool>(call.Target, pool));
        }
    }

    /// <summary>The worker of an id with the fewest calls waiting, if there is one. A glance.</summary>
    public Activation? LeastBusyWorker(ActorId id) => !_pools.IsEmpty && _pools.TryGetValue(id, out WorkerPool? pool) ? pool.Shortest() : null;

    /// <summary>
    /// Ends those that there are, and those that calls still make which are on their way here, when all that was in their mailboxes has run: they belong to nobody but this node. Completes when none is left, or the token fires.
    /// </summary>
    public async Task EndWorkersAsync(CancellationToken cancellation)
    {
        LetsWorkersFinish = true;
        var none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _noWorkers = none;

        // Full fence; partner: EndIfStopping, behind the step that adds a worker. Either it sees the mark, or the worker is seen here.
        Interlocked.MemoryBarrier();
        foreach (Activation worker in Workers)
        {
            worker.AskToEnd(DeactivationReason.ShuttingDown);
        }

        if (!_pools.IsEmpty)
        {
            await none.Task.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (cancellation.IsCancellationRequested)
        {
            LetsWorkersFinish = false; // Whoever asks them to end next ends them.
        }
    }

    private void RemoveWorker(Activation ended)
    {
        if (_pools.TryGetValue(ended.Id, out WorkerPool? pool) && pool.Remove(ended))
        {
            _pools.TryRemove(new KeyValuePair<ActorId, WorkerPool>(ended.Id, pool));
            if (_noWorkers is { } none && _pools.IsEmpty)
            {
                none.TrySetResult();
            }
        }
    }
}
