using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Activations;

/// <summary>
/// An activation and the slot of its actor: it begins only while the slot is owned or the slot's owner gave it its place, and when the slot is lost it ends as soon as its turns have, and what waits in it goes to where the
/// actor is then.
/// </summary>
internal sealed partial class Activation
{
    private const byte NotBegun = 0;
    private const byte Begun = 1;
    private const byte GivenBack = 2;
    private const byte Inheriting = 3;

    /// <summary>Whether its running turns were told to end, since it has to be elsewhere: none begins beside them but those of their own call chains, so that turns that overlap without end keep it here no longer. The executor only.</summary>
    private bool _isOverdue;

    /// <summary>The slot of its actor.</summary>
    public int Slot => (_place.SlotFrom1 != 0 ? _place.SlotFrom1 : _place.SlotFrom1 = Terms.Class.Slots.SlotOf(_standing.Key) + 1) - 1;

    /// <summary>The number that rises with every owner of the actor: the epoch in which its place was given to it. 0 where no views are agreed.</summary>
    public long Fence => _place.Fence;

    /// <summary>Whether it has its place by an order of the slot's owner, whatever the slot is here. Written under the gate.</summary>
    public bool IsPlaced => _place.IsOrdered;

    /// <summary>Whether it may turn out that it must not begin: whoever puts a call into it looks at the slot again. A glance: any thread.</summary>
    public bool IsNew => Volatile.Read(ref _place.Begun) != Begun;

    /// <summary>The gate of slots that it stands under; null: it is no actor that is placed by slots.</summary>
    private SlotGate? Gate => _standing.Life is not null && !IsWorker ? Node.Slots : null;

    /// <summary>Whether it belongs to a life.</summary>
    public bool IsOf(NodeLife? life) => ReferenceEquals(_standing.Life, life);

    /// <summary>The slot's owner gives the actor its place here. Under the gate.</summary>
    public void Place(long fence)
    {
        if (IsNew && !_place.IsOrdered)
        {
            _place.Fence = fence;
            _place.IsOrdered = true;
        }
    }

    /// <summary>Whoever found the slot lost takes it back, unless it has begun. Under the gate.</summary>
    public bool TryGiveBack()
    {
        if (Interlocked.CompareExchange(ref _place.Begun, GivenBack, NotBegun) != NotBegun)
        {
            return false;
        }

        Schedule(); // The executor finds it ended, and lets go whoever waits for a place in it.
        return true;
    }

    /// <summary>The same by its executor, whose predecessor's calls it may have. Under the gate.</summary>
    public bool TryGiveBackOwn(out InboxItem? inherited)
    {
        byte before = Volatile.Read(ref _place.Begun);
        inherited = null;
        if (before == GivenBack || Interlocked.CompareExchange(ref _place.Begun, GivenBack, before) != before)
        {
            return false;
        }

        inherited = _waiting.First;
        _waiting = default;
        return true;
    }

    /// <summary>Takes no more calls; gives those that are left. Under the gate, and only for one that ends or never began.</summary>
    public InboxItem? CloseMailbox() => _intake.CloseCalls();

    /// <summary>
    /// Ends it here and now if it is idle and has nothing to do at its end. If its slot has been lost, it has not been named yet as one that lives there.
    /// </summary>
    /// <returns>False: it is busy, or its end is the user's to see.</returns>
    public bool TryEndIdle(DeactivationReason reason)
    {
        if (!EndsByItself || !_intake.TryClaim())
        {
            return false;
        }

        if (EndsByItself && IsQuiet && _runningTurns == 0 && _intake.TryCloseCalls())
        {
            _state = ActivationState.Ended;
            Node.OnActivationEnded(Id, reason, null);
            Node.Activations.Remove(this);
            DropResumptions();
            SignalEnd();
            Instance = null; // As in End.
            _intake.Release();
            return true;
        }

        LeaveInline();
        return false;
    }

    /// <summary>Whether nothing is to be done at its end. A glance; to be relied on in the executor, where all happens that makes it untrue but for a delay, which any thread may set.</summary>
    private bool EndsByItself => _extras is null or { HasOnlyTurns: true } && Instance is { } actor && !IsNew && !Terms.HasEnd(actor);

    /// <summary>The same where its slot is not known to be lost; one that is busy, or whose end is more than that, is asked to end. A slot's owner that has the actor on record hears of its end from the executor. Any thread.</summary>
    public void EndIdleOrAsk(DeactivationReason reason)
    {
        if (IsWorker || Terms.Placement.IsRecorded || !MayEnter || !TryEndIdle(reason))
        {
            AskToEnd(reason);
        }
        else
        {
            Gate?.AfterRemoved(this);
        }
    }

    /// <summary>It takes too long to end: the tokens of its running turns are cancelled. Any thread.</summary>
    public void CancelTurns() => Resume(TurnItem.RentPost(null, static activation => ((Activation)activation!).CancelRunning(), this));

    private void CancelRunning()
    {
        _isOverdue = true;
        if (Node.Activations.Beginning.TryGetValue(this, out CancellationTokenSource? beginning))
        {
            _ = beginning.CancelAsync();
        }

        foreach (Turn turn in Turns)
        {
            turn.Call?.CancelTurn();
        }
    }

    /// <summary>In the first step: whether it may begin.</summary>
    private bool TryBegin()
    {
        if (Gate is not { } gate)
        {
            _place.Fence = _standing.Life is null ? 0 : Node.Slots?.Epoch ?? 0;
            _place.Begun = Begun;
            return true;
        }

        byte before = Volatile.Read(ref _place.Begun);
        if (before != GivenBack && gate.MayBegin(this, out long fence) && Interlocked.CompareExchange(ref _place.Begun, Begun, before) == before)
        {
            _place.Fence = _place.IsOrdered ? _place.Fence : fence;
            return true;
        }

        _state = ActivationState.Ended; // What it had is on its way already.
        DropResumptions();
        _extras?.Overflow?.Admit(long.MaxValue);
        SignalEnd();
        return false;
    }

    private void DropResumptions()
    {
        for (InboxItem? item = _resumptions.Close(); item is not null; item = item.NextItem)
        {
            Node.CountDroppedContinuation();
        }
    }

    /// <summary>What an activation knows of its place.</summary>
    private struct PlaceBySlot
    {
        /// <summary>See <see cref="Activation.Fence"/>.</summary>
        public long Fence;

        /// <summary>The slot and 1; 0: not computed.</summary>
        public int SlotFrom1;

        /// <summary>See <see cref="Activation.IsPlaced"/>.</summary>
        public volatile bool IsOrdered;

        /// <summary>See <see cref="Activation.IsWorker"/>: here, as senders ask.</summary>
        public bool IsWorker;

        /// <summary>How far it has begun: one of the constants above.</summary>
        public byte Begun;
    }
}
