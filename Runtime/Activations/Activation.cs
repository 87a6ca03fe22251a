using System.Runtime.CompilerServices;
using Kameo.Actors.Calls;
using Kameo.Actors.Observers;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Activations;

/// <summary>An actor in memory: hop 7, its mailbox, and hop 8, its turns, the first of which it is itself. This file: the queues and the executor. <c>Activation.Life.cs</c>: how it begins and ends.</summary>
/// <remarks>
/// <para>
/// Runs on the thread pool or on a thread that reads sockets (<c>LoopCrew</c>), never on two at once: whoever makes work sets the mark of <see cref="Intake"/> and queues the work item; the executor clears the mark when it
/// finds nothing, then looks again. Both use full fences, so an item pushed at that moment is seen by one of them. All other state is the executor's alone.
/// </para>
/// <para>
/// Bound: <see cref="ActorNodeOptions.MailboxCapacity"/> calls. Beyond it local tells complete only when they are within it again, and asks wait in order; what came over the network holds
/// the window it was sent against. At <see cref="ParkedFactor"/> times the capacity local calls are refused at once.
/// </para>
/// </remarks>
internal sealed partial class Activation : Turn, IThreadPoolWorkItem
{
    /// <summary>How many times its capacity a mailbox holds of calls that wait for a place.</summary>
    public const int ParkedFactor = 64;

    /// <summary>Steps taken before other work of the pool gets its turn.</summary>
    private const int StepsMax = 128;

    [ThreadStatic]
    private static Activation? t_executing;

    private int _runningTurns;
    private int _runningExclusive;
    private int _runningReads;
    private bool _isUsed;
    private long _dequeued;

    /// <summary>What was taken out of the inbox of resumptions and has not gone on yet, oldest first. More is taken when that is done, so nothing is ever added at its end.</summary>
    private InboxItem? _ready;
    private TurnQueue _waiting;
    private Inbox _resumptions;

    // Structs stand last in an object, in this order: what hardly ever changes keeps the cache lines that the executor writes for each turn from those that senders read and write for each call.
    private Standing _standing;
    private PlaceBySlot _place;
    private Intake _intake;

    /// <summary>Makes one; it activates at its first call.</summary>
    public Activation(ClassTerms terms, ActorKey key)
    {
        ActorNode node = terms.Node;
        _standing = new Standing(terms, key, terms.Class.Name == ObserverActor.ClassName ? null : node.EntryLife);
        _place.IsWorker = terms.Class.WorkersMax != 0;
        _intake = new Intake(node.Options.MailboxCapacity, terms.TakesTells);
    }

    /// <summary>Which actor.</summary>
    public ActorId Id => new(Terms.Class.Name, _standing.Key);

    /// <summary>The node.</summary>
    public ActorNode Node => Terms.Node;

    /// <summary>Whether call filters run around its turns.</summary>
    public bool IsFiltered => Terms.IsFiltered;

    /// <summary>Calls in the mailbox. A glance: any thread.</summary>
    public long QueuedCalls => _intake.QueuedCalls;

    /// <summary>Whether a tell may go into the mailbox as a <see cref="LocalTell"/>, without waiting. A glance: any thread.</summary>
    public bool TakesTells => _intake.HasRoomForTells;

    /// <summary>Whether this thread executes it now.</summary>
    private bool IsExecutingHere => ReferenceEquals(t_executing, this) && InlineThread.Current.Depth == 0; // On top of its executor's stack another actor may run.

    /// <summary>Adds a call; <see cref="Schedule"/> makes it run. Any thread.</summary>
    /// <param name="call">The call.</param>
    /// <param name="number">Which one of the activation's it is.</param>
    /// <returns>False if the activation has ended: the table has, or will make, another.</returns>
    public bool TryEnqueue(ActorCall call, out long number) => _intake.TryPush(call, out number);

    /// <summary>Adds the calls that a received batch gathered for it; <see cref="Schedule"/> makes them run. Any thread.</summary>
    /// <returns>False if the activation has ended: the chain still has them.</returns>
    public bool TryEnqueue(in InboxChain calls) => _intake.TryPush(calls);

    /// <summary>Adds a tell, and makes it run. Any thread.</summary>
    /// <returns>False if the activation has ended.</returns>
    public bool TryTell(LocalTell tell)
    {
        if (!_intake.TryPush(tell, out _))
        {
            return false;
        }

        ScheduleAfterPush();
        return true;
    }

    /// <summary>Whether an item is the newest in the mailbox, and nobody has taken it yet. Any thread; read before anything else of the item.</summary>
    public bool IsNewest(InboxItem item) => _intake.IsNewest(item);

    /// <summary>Adds a tell to a batch in the mailbox; whoever is to take that will find it. The batch's thread, after <see cref="IsNewest"/>.</summary>
    /// <returns>False if the batch is full, or being taken.</returns>
    public bool TryTell<TAsk, TForm>(TellBatch<TAsk, TForm> batch, in TAsk ask)
        where TAsk : struct
        where TForm : struct, ITellForm<TAsk> => _intake.TryAdd(batch, ask);

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

    /// <summary>The same, behind a call that was added by this thread.</summary>
    public void ScheduleAfterPush()
    {
        if (_intake.TryScheduleAfterPush())
        {
            ReadyWork.Queue(this);
        }
    }

    /// <summary>Queues the work item unless it is queued or running.</summary>
    public void Schedule()
    {
        if (_intake.TrySchedule())
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

    /// <summary>A turn begins; in the executor.</summary>
    public void BeginTurn(ActorMethodOptions options)
    {
        _runningTurns++;
        if (IsExclusive(options))
        {
            _runningExclusive++;
        }
        else if (IsRead(options))
        {
            _runningReads++;
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
        else if (IsRead(options))
        {
            _runningReads--;
        }

        if ((options & ActorMethodOptions.Background) == 0)
        {
            _isUsed = true; // When: said once for all turns of the executor's stretch.
        }

        FreeTurn(turn);
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
        ExecutionContext? own = ExecutionContext.Capture();
        ExecutionContext.Restore(CleanFlow.Value);
        t_executing = this;
        int step = 0;
        for (; step < StepsMax; step++)
        {
            bool worked = Step();

            // What a turn left on the thread is not for the next one.
            ExecutionContext.Restore(CleanFlow.Value);

            if (!worked)
            {
                SayWhatWasDone();
                if (!_waiting.IsEmpty)
                {
                    BeWatched();
                }

                _intake.Release();
                _extras?.Overflow?.Admit(_intake.Dequeued + Room); // Again, after the fence: a sender that saw the count before it was said is in there by now.
                if (!HasNews || !_intake.TrySchedule())
                {
                    break;
                }
            }
        }

        t_executing = null;
        if (own is not null && !ReferenceEquals(own, CleanFlow.Value))
        {
            ExecutionContext.Restore(own); // A receive loop's.
        }

        if (step == StepsMax)
        {
            SayWhatWasDone();
            ReadyWork.Queue(this);
        }
    }

    /// <summary>Whether there is something to do, as seen after the mark was cleared. One that is held has nothing to do for as long as it stands among those that are looked at when the lease is renewed: who took it out there may have met the mark.</summary>
    private bool HasNews => _state != ActivationState.Ended
        && (_isHeld ? !Node.Lapse.Holds(this) : !_resumptions.IsEmpty || !_intake.HasNoCalls || (Volatile.Read(ref _endAsked) != 0 && !IsBetweenStates && !FinishesFirst));

    /// <summary>Whether it activates or deactivates: what asks for its end is looked at when that is over, by the same executor.</summary>
    private bool IsBetweenStates => _state is ActivationState.Activating or ActivationState.Deactivating;

    /// <summary>Calls in the mailbox from which on senders that wait go on: half of what it holds, so that they do not come one by one.</summary>
    private int Room => Node.Options.MailboxCapacity / 2;

    /// <summary>Does one thing.</summary>
    /// <returns>False if there is nothing to do.</returns>
    private bool Step()
    {
        if (_state == ActivationState.Ended)
        {
            return false;
        }

        // First whether it may begin, which runs no user code: one that was given back has no mailbox any more, and nothing below may look into it.
        if (_state == ActivationState.New && _place.Begun != Begun && !TryBegin())
        {
            return false;
        }

        if (_standing.Life is { } life && !life.MayEnter())
        {
            return Wait(life);
        }

        _isHeld = false;

        if ((_ready ?? _resumptions.TakeAll()) is { } item)
        {
            _ready = item.NextItem;
            item.NextItem = null;
            Unsafe.As<TurnItem>(item).Run(); // That inbox holds nothing else.
            return true;
        }

        if (_waiting.IsEmpty || _runningTurns != 0 || _state != ActivationState.Active)
        {
            TakeCalls(); // Else the next is known, and those that come may gather.
        }

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
                return EndIfAsked() || (MayStartMore && (StartNext() || (!_intake.HasNoCalls && StartNextOfAll())));
            default:
                return false; // Activating or deactivating: calls wait for that to end.
        }
    }

    /// <summary>Whether turns begin: also in one that is to end, as long as turns run, what reentrancy lets in beside them; they may wait for it. See <see cref="IsEndingHere"/>.</summary>
    private bool MayStartMore => PendingEnd <= LastForUnused || _runningTurns != 0 || OwesFirstCall;

    /// <summary>The first may not start: only of what was taken is it known that nothing else may.</summary>
    private bool StartNextOfAll()
    {
        TakeCalls();
        return StartNext();
    }

    private bool StartNext()
    {
        // Usually the first call may start, or none may. Only where some method interleaves is it worth to look behind a call that may not.
        InboxItem? before = null;
        InboxItem? write = null; // Passed by in this look, since turns run that it cannot share the actor with.
        bool holdsBack = false;
        for (InboxItem? item = _waiting.First; item is not null; before = item, item = item.NextItem)
        {
            if (item is ActorCall call)
            {
                if (call.IsArriving)
                {
                    call.Gathered!.WhenDone(Schedule); // They are still arriving: what came later waits behind the call.
                    return false;
                }

                if (MayStart(call) && (write is null || MayPass(write, call.Method.Options, call, ref holdsBack)))
                {
                    _waiting.TakeAfter(before);
                    Start(call);
                    return true;
                }
            }
            else
            {
                var calls = Unsafe.As<WaitingCalls>(item); // The mailbox holds nothing else.
                if ((!IsEndingHere && MayStart(calls.Method.Options) && (write is null || MayPass(write, calls.Method.Options, null, ref holdsBack))) || (HasSections && IsOfOpenChain(calls.Context)))
                {
                    if (calls.Close() == 1)
                    {
                        _waiting.TakeAfter(before);
                    }

                    StartNextOf(calls);
                    return true;
                }
            }

            if (!Terms.HasInterleaving && _extras is not { HasInterleaving: true } && !HasSections)
            {
                return false;
            }

            write ??= IsWaitingWrite(item) ? item : null;
        }

        return false;
    }

    private static bool IsExclusive(ActorMethodOptions options) => (options & (ActorMethodOptions.ReadOnly | ActorMethodOptions.AlwaysInterleave)) == 0;

    private void Start(ActorCall call)
    {
        ActorMethodOptions options = call.Method.Options;
        Turn turn = RentTurn();
        BeginTurn(options);
        Dequeue(); // After the turn was counted: whoever looks for an idle one never misses both.
        SynchronizationContext.SetSynchronizationContext(turn);
        if (!call.TryStart(turn, Instance!))
        {
            EndTurn(turn, options);
        }

        SynchronizationContext.SetSynchronizationContext(null);
    }

    private void StartNextOf(WaitingCalls calls)
    {
        ActorMethod method = calls.Method;
        Turn turn = RentTurn();
        BeginTurn(method.Options);
        Dequeue();
        SynchronizationContext.SetSynchronizationContext(turn);
        if (calls.Context is { } context)
        {
            RequestContext.Enter(context);
        }

        turn.BeginAlone(method);
        calls.RunNext(this, turn);
        SynchronizationContext.SetSynchronizationContext(null);
    }

    private void TakeCalls() => _waiting.Append(_intake.TakeCalls(out InboxItem? newest), newest);

    private void Dequeue()
    {
        _dequeued++;
        if ((_dequeued & Terms.CountMask) == 0)
        {
            SayDequeued();
        }
    }

    private void SayDequeued()
    {
        _intake.Publish(_dequeued);
        _extras?.Overflow?.Admit(_dequeued + Room);
    }

    /// <summary>Before the executor ends.</summary>
    private void SayWhatWasDone()
    {
        if (_isUsed)
        {
            _isUsed = false;
            Volatile.Write(ref _standing.LastUsed, Node.Clock.NowMilliseconds);
        }

        if (_intake.Dequeued != _dequeued)
        {
            SayDequeued();
        }
    }

    private void RefuseAllWaiting(in Fault fault) => RefuseWaiting(fault, all: true);

    /// <summary>All but ticks of timers and notices of links: each is made once, and of both an actor has a bounded number.</summary>
    private void RefuseCallsWaiting(in Fault fault) => RefuseWaiting(fault, all: false);

    /// <remarks>What was refused is said to have been taken when all of it was: senders that wait for a place are to hear of the refusal.</remarks>
    private void RefuseWaiting(in Fault fault, bool all)
    {
        TurnQueue kept = default;
        while (_waiting.TakeFirst() is { } item)
        {
            if (!all && item is ActorCall { Method.HasInterface: false })
            {
                kept.Append(item);
            }
            else if (item is WaitingCalls calls)
            {
                _dequeued += calls.Close();
                calls.Refuse(Node, Id, fault);
            }
            else
            {
                _dequeued++;
                ((ActorCall)item).Refuse(fault);
            }
        }

        _waiting = kept;
        SayDequeued();
    }

    /// <summary>What hardly ever changes of it: 72 bytes between the executor's and the senders'.</summary>
    private struct Standing(ClassTerms terms, ActorKey key, NodeLife? life)
    {
        /// <summary>See <see cref="Activation.Terms"/>.</summary>
        public readonly ClassTerms Terms = terms;

        /// <summary>The incarnation it belongs to; null where none is needed: no membership, or an observer.</summary>
        public readonly NodeLife? Life = life;

        /// <summary>See <see cref="Activation.Instance"/>.</summary>
        public Actor? Instance;

        /// <summary>See <see cref="Activation.LastUsed"/>.</summary>
        public long LastUsed = terms.Node.Activations.RecentMilliseconds;

        /// <summary>The actor's key.</summary>
        public readonly ActorKey Key = key;
    }
}
