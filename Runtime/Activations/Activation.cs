using System.Runtime.CompilerServices;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Observers;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Activations;

/// <summary>An actor in memory: hop 7, its mailbox, and hop 8, its turns. This file: the queues and the executor. <c>Activation.Life.cs</c>: how it begins and ends.</summary>
/// <remarks>
/// <para>
/// Runs on the thread pool, never on two threads at once: whoever makes work raises <c>_scheduled</c> from 0 to 1 and queues the work item; the executor clears the mark when it
/// finds nothing, then looks again. Both use full fences, so an item pushed at that moment is seen by one of them. All other state is the executor's alone.
/// </para>
/// <para>
/// Bound: <see cref="ActorNodeOptions.MailboxCapacity"/> calls. Beyond it local tells complete only when they are within it again, and asks wait in order; what came over the network holds
/// the window it was sent against. At <see cref="ParkedFactor"/> times the capacity local calls are refused at once.
/// </para>
/// </remarks>
internal sealed partial class Activation : IThreadPoolWorkItem
{
    /// <summary>How many times its capacity a mailbox holds of calls that wait for a place.</summary>
    public const int ParkedFactor = 64;

    /// <summary>Steps taken before other work of the pool gets its turn.</summary>
    private const int StepsMax = 128;

    [ThreadStatic]
    private static Activation? t_executing;

    private readonly ActivationTable _table;
    private readonly ClassTerms _terms;
    private Inbox _mailbox;
    private Inbox _resumptions;
    private TurnQueue _waiting;
    private TurnQueue _ready;
    private Turn? _freeTurns;
    private int _scheduled;
    private int _runningTurns;
    private int _runningExclusive;
    private long _enqueued;
    private long _dequeued;

    /// <summary>Makes one; it activates at its first call.</summary>
    public Activation(ActivationTable table, ClassTerms terms, ActorId id)
    {
        _table = table;
        _terms = terms;
        Id = id;
        _life = id.ClassName == ObserverActor.ClassName ? null : table.Node.EntryLife;
        _lastUsed = table.Node.Clock.NowMilliseconds;
    }

    /// <summary>Which actor.</summary>
    public ActorId Id { get; }

    /// <summary>The node.</summary>
    public ActorNode Node => _table.Node;

    /// <summary>Whether call filters run around its turns.</summary>
    public bool IsFiltered => _terms.IsFiltered;

    /// <summary>Calls in the mailbox. A glance: any thread.</summary>
    public long QueuedCalls => Volatile.Read(ref _enqueued) - Volatile.Read(ref _dequeued);

    /// <summary>Whether this thread executes it now.</summary>
    private bool IsExecutingHere => ReferenceEquals(t_executing, this);

    /// <summary>Adds a call; <see cref="Schedule"/> makes it run. Any thread.</summary>
    /// <returns>False if the activation has ended: the table has, or will make, another.</returns>
    public bool TryEnqueue(ActorCall call)
    {
        call.Sequence = Interlocked.Increment(ref _enqueued);
        if (_mailbox.TryPush(call))
        {
            return true;
        }

        Interlocked.Decrement(ref _enqueued);
        return false;
    }

    /// <summary>Adds the calls that a received batch gathered for it; <see cref="Schedule"/> makes them run. Any thread.</summary>
    /// <returns>False if the activation has ended: the chain still has them.</returns>
    public bool TryEnqueue(in InboxChain calls)
    {
        Interlocked.Add(ref _enqueued, calls.Count);
        if (calls.TryPush(ref _mailbox))
        {
            return true;
        }

        Interlocked.Add(ref _enqueued, -calls.Count);
        return false;
    }

    /// <summary>Adds something that goes on in a turn. Any thread.</summary>
    public void Resume(TurnItem item)
    {
        if (_resumptions.TryPush(item))
        {
            Schedule();
        }
        else
        {
            Node.CountDroppedContinuation(); // The activation is gone: nothing of it is entered again.
        }
    }

    /// <summary>Queues the work item unless it is queued or running.</summary>
    public void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ReadyWork.Queue(this);
        }
    }

    /// <summary>The task of a suspended turn is done. Any thread.</summary>
    public void ContinueTurn(ActorCall call)
    {
        if (IsExecutingHere)
        {
            call.EndSuspended();
        }
        else
        {
            Resume(call.Done.AsTurnDone(call));
        }
    }

    /// <summary>A turn has ended; in the executor.</summary>
    public void EndTurn(Turn turn, ActorMethodOptions options)
    {
        _runningTurns--;
        if (IsExclusive(options))
        {
            _runningExclusive--;
        }

        if (HasSections)
        {
            CloseSections(turn);
        }

        if ((options & ActorMethodOptions.Background) == 0)
        {
            _lastUsed = Node.Clock.NowMilliseconds;
        }

        turn.NextFree = _freeTurns;
        _freeTurns = turn;
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        // What several turns reply goes out together.
        bool isMany = QueuedCalls > 1;
        if (isMany)
        {
            SendBatch.Begin();
        }

        try
        {
            Execute();
        }
        finally
        {
            if (isMany)
            {
                SendBatch.End();
            }
        }
    }

    private void Execute()
    {
        ExecutionContext? clean = ExecutionContext.Capture();
        t_executing = this;
        int step = 0;
        for (; step < StepsMax; step++)
        {
            bool worked = Step();

            // What a turn left on the thread is not for the next one.
            if (clean is not null)
            {
                ExecutionContext.Restore(clean);
            }

            if (!worked)
            {
                if (!_waiting.IsEmpty)
                {
                    BeWatched();
                }

                Interlocked.Exchange(ref _scheduled, 0);
                if (!HasNews || Interlocked.Exchange(ref _scheduled, 1) != 0)
                {
                    break;
                }
            }
        }

        t_executing = null;
        if (step == StepsMax)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private bool HasNews => !_isHeld && _state != ActivationState.Ended && (!_resumptions.IsEmpty || !_mailbox.IsEmpty || Volatile.Read(ref _endAsked) != 0);

    /// <summary>Does one thing.</summary>
    /// <returns>False if there is nothing to do.</returns>
    private bool Step()
    {
        if (_state == ActivationState.Ended)
        {
            return false;
        }

        if (_life is { } life && !life.MayEnter())
        {
            return Wait(life);
        }

        _isHeld = false;
        if (_ready.IsEmpty)
        {
            _ready.Append(_resumptions.TakeAll());
        }

        if (_ready.TakeFirst() is { } item)
        {
            Unsafe.As<TurnItem>(item).Run(); // That inbox holds nothing else.
            return true;
        }

        _waiting.Append(_mailbox.TakeAll());
        switch (_state)
        {
            case ActivationState.New:
                if (EndIfAsked())
                {
                    return true;
                }

                if (_waiting.IsEmpty)
                {
                    return false;
                }

                if (!RefuseIfStopped())
                {
                    BeginActivation();
                }

                return true;
            case ActivationState.Active:
                return EndIfAsked() || (_pendingEnd <= LastForUnused && StartNext());
            default:
                return false; // Activating or deactivating: calls wait for that to end.
        }
    }

    private bool StartNext()
    {
        // Usually the first call may start, or none may. Only where some method interleaves is it worth to look behind a call that may not.
        InboxItem? before = null;
        for (InboxItem? item = _waiting.First; item is not null; before = item, item = item.NextItem)
        {
            var call = Unsafe.As<ActorCall>(item); // The mailbox holds nothing else.
            if (call.Gathered is { IsDone: false } arguments)
            {
                arguments.WhenDone(Schedule); // They are still arriving: what came later waits behind the call.
                return false;
            }

            if (MayStart(call.Method.Options) || (HasSections && IsOfOpenChain(call)))
            {
                _waiting.TakeAfter(before);
                Start(call);
                return true;
            }

            if (!_terms.HasInterleaving && _extras is not { HasInterleaving: true } && !HasSections)
            {
                return false;
            }
        }

        return false;
    }

    private bool MayStart(ActorMethodOptions options) =>
        _runningTurns == 0
        || (_terms.Options & ActorClassOptions.Reentrant) != 0
        || (options & ActorMethodOptions.AlwaysInterleave) != 0
        || ((options & ActorMethodOptions.ReadOnly) != 0 && _runningExclusive == 0);

    private static bool IsExclusive(ActorMethodOptions options) => (options & (ActorMethodOptions.ReadOnly | ActorMethodOptions.AlwaysInterleave)) == 0;

    private void Start(ActorCall call)
    {
        ActorMethodOptions options = call.Method.Options;
        Turn turn = RentTurn();
        _runningTurns++;
        Dequeue(); // After the turn was counted: whoever looks for an idle one never misses both.
        if (IsExclusive(options))
        {
            _runningExclusive++;
        }

        SynchronizationContext.SetSynchronizationContext(turn);
        if (!call.TryStart(turn, Instance!))
        {
            EndTurn(turn, options);
        }

        SynchronizationContext.SetSynchronizationContext(null);
    }

    private Turn RentTurn()
    {
        Turn turn = _freeTurns ?? (_lastMade = new Turn(this) { NextMade = _lastMade });
        _freeTurns = turn.NextFree;
        turn.NextFree = null;
        return turn;
    }

    private void Dequeue()
    {
        // Release: a sender that waits for a place reads it; the overflow's own lock does the rest.
        Volatile.Write(ref _dequeued, _dequeued + 1);
        _extras?.Overflow?.Admit(_dequeued + Node.Options.MailboxCapacity);
    }

    private void RefuseAllWaiting(in Fault fault)
    {
        while (_waiting.TakeFirst() is { } item)
        {
            Dequeue();
            ((ActorCall)item).Refuse(fault);
        }
    }
}
