using System.Collections.Concurrent;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Placement;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Workers;

namespace Kameo.Actors.Activations;

/// <summary>The actors in memory of one node, by id. Thread safe.</summary>
/// <param name="node">The node.</param>
internal sealed partial class ActivationTable(ActorNode node)
{
    private readonly ActorMap _activations = new();
    private readonly ConcurrentDictionary<ActorClass, ClassTerms> _terms = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private volatile bool _stopping;

    /// <summary>The node.</summary>
    public ActorNode Node => node;

    /// <summary>Fires when all are to end: once the actors of a node that leaves are elsewhere.</summary>
    public CancellationToken Stopping => _ending.Token;

    /// <summary>Activations whose <see cref="Actor.OnActivateAsync"/> goes on, with what tells it to end. Written by their executors.</summary>
    public ConcurrentDictionary<Activation, CancellationTokenSource> Beginning { get; } = new();

    /// <summary>Senders that wait for a place in a mailbox.</summary>
    public SenderWatch Senders { get; } = new();

    /// <summary>The node's time as of its last tick, plus a tick: no earlier than now unless ticks are late. For what need not be exact and is written for every local ask.</summary>
    public long RecentMilliseconds { get; private set; } = node.Clock.NowMilliseconds;

    /// <summary>The node's tick.</summary>
    public void Tick(long now, TimeSpan period)
    {
        RecentMilliseconds = now + (long)period.TotalMilliseconds;
        Senders.Tick(now);
    }

    /// <summary>The shortest collection age of the classes that were activated here so far; the node's default if that is shorter.</summary>
    public TimeSpan ShortestAge => _terms.Values.Aggregate(node.Options.CollectionAge, static (shortest, terms) => terms.CollectionAge < shortest ? terms.CollectionAge : shortest);

    /// <summary>All of them, as they come and go meanwhile.</summary>
    public IEnumerable<Activation> All => _pools.IsEmpty ? _activations.All : _activations.All.Concat(Workers);

    /// <summary>Those that are one for each id: all but stateless workers.</summary>
    public IEnumerable<Activation> Actors => _activations.All;

    /// <summary>How many there are.</summary>
    public int Count => _activations.Count + (_pools.IsEmpty ? 0 : Workers.Count());

    /// <summary>Puts a call into the mailbox of its actor, which is made if need be. The caller schedules the activation.</summary>
    /// <param name="call">The call.</param>
    /// <param name="known">The activation that had it last, if the caller remembers one; set to the one that has it now.</param>
    /// <param name="number">Which one of the activation's calls it is.</param>
    /// <returns>False if the node stops: the call was not taken.</returns>
    /// <exception cref="InvalidOperationException">The class is not registered.</exception>
    public bool TryDeliver(ActorCall call, ref Activation? known, out long number)
    {
        while (!_stopping)
        {
            if (known is null or { IsWorker: true })
            {
                ActorClass @class = ClassOf(call.Target);
                if (@class.WorkersMax != 0)
                {
                    EndIfStopping(known = Deliver(call, @class, out number));
                    return true;
                }

                known = Find(call.Target, @class);
            }

            if (known.TryEnqueue(call, out number))
            {
                EndIfStopping(known);
                return true;
            }

            Forget(ref known);
        }

        number = 0;
        return false;
    }

    /// <summary>Puts the calls that a received batch gathered for one actor into its mailbox, as <see cref="TryDeliver(ActorCall, ref Activation?, out long)"/> does one.</summary>
    public bool TryDeliver(in InboxChain calls, ActorId id, ActorClass @class, ref Activation? known)
    {
        while (!_stopping)
        {
            known ??= Find(id, @class);
            if (known.TryEnqueue(calls))
            {
                EndIfStopping(known);
                return true;
            }

            Forget(ref known);
        }

        return false;
    }

    /// <summary>Puts a call into the mailbox of an actor whose place here was given by the owner of its slot. The caller schedules the activation. Under the gate.</summary>
    /// <param name="call">The call.</param>
    /// <param name="id">The actor.</param>
    /// <param name="class">Its class.</param>
    /// <param name="fence">The fence of an activation that is made now.</param>
    /// <param name="number">Which one of the activation's calls it is.</param>
    /// <returns>Null if the node stops: the call was not taken.</returns>
    public Activation? TryPlace(ActorCall call, ActorId id, ActorClass @class, long fence, out long number)
    {
        Activation? found = null;
        while (!_stopping)
        {
            found ??= Find(id, @class);
            found.Place(fence);
            if (found.TryEnqueue(call, out number))
            {
                EndIfStopping(found);
                return found;
            }

            Forget(ref found);
        }

        number = 0;
        return null;
    }

    /// <summary>An activation has ended, without a successor.</summary>
    public void Remove(Activation ended)
    {
        if (ended.IsWorker)
        {
            RemoveWorker(ended);
        }
        else
        {
            _activations.Remove(ended);
        }

        SignalIfEmpty();
    }

    /// <summary>An activation ends with calls left: its successor stands in the table from now on, and does not run before it is given them.</summary>
    public void Replace(Activation ended, Activation next)
    {
        if (!ended.IsWorker)
        {
            _activations.Replace(ended, next);
        }
        else if (_pools.TryGetValue(ended.Id, out WorkerPool? pool))
        {
            pool.Replace(ended, next);
        }

        EndIfStopping(next); // StopAsync may have asked the one before only.
    }

    /// <summary>Ends all: running turns end, waiting calls are refused. Completes when none is left, or the token fires.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _stopping = true;
        Task told = _ending.CancelAsync(); // What is registered there may be the user's: it neither holds this up nor ends it.
        foreach (Activation one in All)
        {
            one.EndIdleOrAsk(DeactivationReason.ShuttingDown);
        }

        SignalIfEmpty();
        await _empty.Task.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await told.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The terms of a class on this node.</summary>
    public ClassTerms TermsOf(ActorClass @class) => _terms.GetOrAdd(@class, static (found, node) => new ClassTerms(node, found), node);

    /// <summary>The activation of an actor, if there is one.</summary>
    public Activation? TryFind(ActorId id) => _activations.Find(id);

    /// <inheritdoc cref="TryFind(ActorId)"/>
    public Activation? TryFind(ActorRoute route) => route.Class is { } @class ? _activations.Find(route.Id, ActorMap.HashOf(@class, route.Id.Key)) : TryFind(route.Id);

    /// <summary>The activation of an actor, for an ask that may run on its caller's stack: one that is there, or is made where its class lets it begin so. Else null.</summary>
    public Activation? FindToRun(ActorRoute route)
    {
        if (_stopping || route is not { Place: { } place, Class: { WorkersMax: 0 } @class } || (place.Terms ??= TermsOf(@class)) is not { BeginsInline: true } terms)
        {
            return TryFind(route);
        }

        ActorId id = route.Id;
        Activation found = _activations.GetOrAdd(id, ActorMap.HashOf(@class, id.Key), terms, static (id, terms) => new Activation(terms, id.Key));
        EndIfStopping(found);
        return found;
    }

    /// <summary>The activation of an actor, made if need be; null for a stateless worker, which has several, and if the node stops.</summary>
    /// <exception cref="InvalidOperationException">Its class is not registered.</exception>
    public Activation? Find(ActorRoute route)
    {
        if (_stopping || (route.Class ?? ClassOf(route.Id)) is not { WorkersMax: 0 } @class)
        {
            return null;
        }

        Activation found = Find(route.Id, @class);
        EndIfStopping(found); // No call may come that would.
        return found;
    }

    private Activation Find(ActorId id, ActorClass @class) =>
        _activations.GetOrAdd(id, ActorMap.HashOf(@class, id.Key), (Table: this, Class: @class), static (id, state) => new Activation(state.Table.TermsOf(state.Class), id.Key));

    private static ActorClass ClassOf(ActorId id) =>
        ActorCatalog.FindClass(id.ClassName) ?? throw new InvalidOperationException($"The class {id.ClassName} is not registered in this process.");

    private void EndIfStopping(Activation activation)
    {
        if (_stopping || (activation.IsWorker && LetsWorkersFinish))
        {
            activation.AskToEnd(DeactivationReason.ShuttingDown); // A call may have come after StopAsync looked.
        }
    }

    /// <summary>An activation has ended: it takes itself out of the table, or puts its successor there, before long; nobody is waited for.</summary>
    /// <param name="ended">It; set to its successor, if that is not in the table yet.</param>
    private void Forget(ref Activation? ended)
    {
        Activation? next = ended!.Successor;
        if (next is null)
        {
            _activations.Remove(ended);
        }

        ended = next;
    }

    private void SignalIfEmpty()
    {
        if (_stopping && _activations.IsEmpty && _pools.IsEmpty)
        {
            _empty.TrySetResult();
        }
    }
}
