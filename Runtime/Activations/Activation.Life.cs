using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Deadlocks;
using Kameo.Actors.Errors;
using Kameo.Actors.Hosting;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Activations;

/// <summary>How an activation begins and ends. Both run user code in a turn of the activation, alone.</summary>
internal sealed partial class Activation
{
    /// <summary>The greatest reason that holds only as long as nobody uses it.</summary>
    private const DeactivationReason LastForUnused = DeactivationReason.MemoryPressure;

    private volatile ActivationState _state; // Written by the executor; a sender that waits for a place looks whether it is over.
    private byte _endAsked;
    private byte _pendingEnd;
    private volatile ActivationExtras? _extras;

    /// <summary>Why it is to end; 0 for not. The executor; a glance for others.</summary>
    public DeactivationReason PendingEnd
    {
        get => (DeactivationReason)_pendingEnd;
        private set => _pendingEnd = (byte)value;
    }

    /// <summary>The actor; null until it is constructed.</summary>
    public Actor? Instance
    {
        get => _standing.Instance;
        private set => _standing.Instance = value;
    }

    /// <summary>The terms of its class on this node.</summary>
    public ClassTerms Terms => _standing.Terms;

    /// <summary>When it was used last, on the node's clock. A glance: any thread.</summary>
    public long LastUsed => Volatile.Read(ref _standing.LastUsed);

    /// <summary>Whether services were made for it alone. A glance: any thread.</summary>
    public bool HasScope => _extras?.Scope is not (null or LazyScope { IsOpen: false });

    private ActivationExtras Extras
    {
        get
        {
            if (_extras is null)
            {
                Interlocked.CompareExchange(ref _extras, new ActivationExtras(), null);
            }

            return _extras!;
        }
    }

    /// <summary>Who takes its calls over, if it is just about to: to be asked by those whom it has refused one. Any thread.</summary>
    public Activation? Successor => _extras?.Successor;

    /// <summary>Whether it was left alone for so long that it may be collected. A glance: any thread.</summary>
    public bool IsIdle(long now) => now - LastUsed >= Terms.CollectionAgeMilliseconds && IsUnused(now);

    /// <summary>Whether nothing runs or waits in it, and nothing keeps it. A glance: any thread. Once the executor has ended, <see cref="LastUsed"/> says when.</summary>
    public bool IsUnused(long now) =>
        (Terms.Options & ActorClassOptions.KeepAlive) == 0
        && !IsScheduled
        && QueuedCalls == 0
        && Volatile.Read(ref _runningTurns) == 0
        && (_extras is not { } extras || now >= Volatile.Read(ref extras.KeepUntil));

    /// <summary>Keeps it from being collected for a while. Any thread.</summary>
    public void KeepFor(TimeSpan span) => Volatile.Write(ref Extras.KeepUntil, span == Timeout.InfiniteTimeSpan ? long.MaxValue : Node.Clock.After(span));

    /// <summary>The same, unless it is kept for longer already. Any thread.</summary>
    public void KeepAtLeast(TimeSpan span)
    {
        ActivationExtras extras = Extras;
        long until = Node.Clock.After(span);
        long before = Volatile.Read(ref extras.KeepUntil);
        while (before < until && Interlocked.CompareExchange(ref extras.KeepUntil, until, before) is var seen && seen != before)
        {
            before = seen;
        }
    }

    /// <summary>Asks it to end: for being idle only if it still is, otherwise when the turns that run have ended. Any thread.</summary>
    public void AskToEnd(DeactivationReason reason)
    {
        // The strongest reason asked for counts; partner: the exchange in EndIfAsked.
        byte asked = Volatile.Read(ref _endAsked);
        while (asked < (int)reason)
        {
            byte before = Interlocked.CompareExchange(ref _endAsked, (byte)reason, asked);
            if (before == asked)
            {
                break;
            }

            asked = before;
        }

        Schedule();
    }

    /// <summary>Waits until a call that was enqueued beyond the capacity has a place in the mailbox.</summary>
    /// <param name="sequence">Which one of its calls it is.</param>
    /// <param name="call">The call.</param>
    /// <param name="deadline">Until when, on the node's clock.</param>
    /// <param name="sender">Who waits for the turn that sends it, if one does; should a turn of this activation, it is refused.</param>
    /// <exception cref="ActorCallException">It did not get a place: it does not run.</exception>
    public Task WaitForPlaceAsync(long sequence, ActorCall call, long deadline, CallChain sender = default)
    {
        MailboxOverflow overflow = Extras.NeedOverflow();
        Task place = overflow.WaitAsync(sequence, call, deadline, Node.Activations.Senders);

        // The executor may have passed it meanwhile, and not have seen the sender; or have closed the mailbox, after which nobody looks again. Not before that: while it ends, calls still come, and they wait.
        overflow.Admit(_intake.IsClosed ? long.MaxValue : _intake.Dequeued + Room);
        if (sender.IsOpen && !place.IsCompleted)
        {
            Node.Activations.Senders.Watch(new WaitingLocalTell(this, overflow, sequence, place, sender));
        }

        return place;
    }

    /// <summary>Before anybody else knows it: takes over the calls of the activation that ended, and the right to execute.</summary>
    /// <param name="expected">How many there are so far; counted from now on, so that senders that find it meanwhile wait for their places.</param>
    public void Inherit(int expected)
    {
        _place.Begun = Inheriting;
        _intake.Count(expected);
        _intake.HoldBack();
    }

    /// <summary>The calls of its predecessor, ahead of everything sent to it since; then it runs.</summary>
    /// <param name="inherited">They.</param>
    /// <param name="expected">How many of them <see cref="Inherit"/> has counted.</param>
    public void RunWith(InboxItem? inherited, int expected)
    {
        _intake.Count(CloseAll(inherited) - expected); // Never less: else whoever came meanwhile would wait for calls that there are not.
        _waiting.Append(inherited);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Nothing is added to them any more.</summary>
    /// <returns>How many calls they are.</returns>
    private static int CloseAll(InboxItem? items)
    {
        int count = 0;
        for (InboxItem? item = items; item is not null; item = item.NextItem)
        {
            count += item is WaitingCalls calls ? calls.Close() : 1;
        }

        return count;
    }

    /// <summary>Whether something keeps it from being collected for a while.</summary>
    private bool IsKept => _extras is { } extras && Node.Clock.NowMilliseconds < Volatile.Read(ref extras.KeepUntil);

    /// <summary>Whether it has asked for its end while it activated, and has run nothing yet: the call that it is activated for comes first. Else a class that always asks so would pass its calls from activation to activation without end.</summary>
    private bool OwesFirstCall => PendingEnd == DeactivationReason.Requested && StartedCalls == 0 && (!_waiting.IsEmpty || !_intake.HasNoCalls);

    /// <summary>Whether what waits in it is to run before it looks whether it is to end: it is a worker whose node leaves, and its calls go to nobody else.</summary>
    private bool FinishesFirst => IsWorker && PendingEnd == 0 && Node.Activations.LetsWorkersFinish && (!_waiting.IsEmpty || !_intake.HasNoCalls);

    private bool EndIfAsked()
    {
        if (Volatile.Read(ref _endAsked) == 0 && PendingEnd == 0)
        {
            return false; // The usual case, met before every turn: one read.
        }

        if (FinishesFirst)
        {
            return false; // What asks for its end is left where it is until then.
        }

        var asked = (DeactivationReason)Interlocked.Exchange(ref _endAsked, (byte)0);
        if (asked > PendingEnd)
        {
            PendingEnd = asked;
            if (asked > LastForUnused)
            {
                _extras?.StopTimers(); // A tick that runs is to end, so that the activation can.
            }
        }

        if (PendingEnd <= LastForUnused && (_runningTurns != 0 || !_waiting.IsEmpty || !_intake.HasNoCalls || IsKept))
        {
            PendingEnd = 0; // It is used again.
            return false;
        }

        if (PendingEnd == 0 || _runningTurns != 0 || OwesFirstCall)
        {
            return false;
        }

        if (Instance is null)
        {
            End();
        }
        else
        {
            BeginDeactivation();
        }

        return true;
    }

    private void BeginActivation()
    {
        _state = ActivationState.Activating;
        Turn turn = RentTurn();
        SynchronizationContext.SetSynchronizationContext(turn);
        if ((_waiting.First is ActorCall call ? call.Context : (_waiting.First as WaitingCalls)?.Context) is { } context)
        {
            RequestContext.Enter(context); // What goes with the call that it is activated for. The executor forgets it after the step.
        }

        _ = ActivateAsync(turn);
        SynchronizationContext.SetSynchronizationContext(null);
    }

    /// <summary>Runs in the executor from end to end: its awaits come back to the turn.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws goes to the callers.")]
    private async Task ActivateAsync(Turn turn)
    {
        try
        {
            ConstructQueued();
            await (Terms.HasBegin(Instance!) ? BeginInstanceAsync(turn) : Instance!.OnActivateAsync(Node.Activations.Stopping));
            _state = ActivationState.Active;
            FreeTurn(turn);
        }
        catch (Exception exception)
        {
            DropTimers();
            if (exception is OperationCanceledException && WhyToldToEnd() is var why and not 0)
            {
                PendingEnd = why; // It was told to: its calls go to where the actor is from now on, or are refused with the node.
            }
            else
            {
                Node.LogActivationFailed(exception, Id);
                PendingEnd = PendingEnd > DeactivationReason.Failed ? PendingEnd : DeactivationReason.Failed;
                Extras.Failure = exception;
                TakeCalls();
                RefuseAllWaiting(CalleeFault.Of(FaultCode.ActivationFailed, exception));
            }

            await DisposeInstanceAsync();
            End();
        }
    }

    /// <summary>Why its token has fired; 0: it has not.</summary>
    private DeactivationReason WhyToldToEnd() => Node.Activations.Stopping.IsCancellationRequested ? DeactivationReason.ShuttingDown
        : _isOverdue && (DeactivationReason)Volatile.Read(ref _endAsked) is var asked and > DeactivationReason.Failed ? asked
        : 0;

    /// <summary>Its token fires when its node ends its activations, when it takes too long, at all or though it has to be elsewhere, and when the incarnation is over.</summary>
    private async ValueTask BeginInstanceAsync(Turn turn)
    {
        using var told = CancellationTokenSource.CreateLinkedTokenSource(Node.Activations.Stopping);
        ValueTask beginning = Instance!.OnActivateAsync(told.Token);
        if (beginning.IsCompleted)
        {
            await beginning;
            return;
        }

        Task begun = beginning.AsTask();
        turn.BeginActivation(begun);
        Node.Activations.Beginning[this] = told; // Whoever fires it is this executor, later.
        try
        {
            await BegunInTimeAsync(begun, told);
        }
        finally
        {
            Node.Activations.Beginning.TryRemove(this, out _);
        }
    }

    /// <summary>One that heeds its token has time to let go of what it holds. One that does not is left behind, as an <see cref="Actor.OnDeactivateAsync"/> is: nothing of it is entered again, so the next activation may begin.</summary>
    private async Task BegunInTimeAsync(Task beginning, CancellationTokenSource told)
    {
        TimeSpan timeout = Node.Options.ActivationTimeout;
        await beginning.WaitAsync(timeout, Node.Clock.Provider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (beginning.IsCompleted)
        {
            await beginning; // Whether in time or just after it: it is over, and nobody told it anything.
            return;
        }

        _ = told.CancelAsync();
        await beginning.WaitAsync(Node.Options.DeactivationTimeout, Node.Clock.Provider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!beginning.IsCompletedSuccessfully)
        {
            throw new TimeoutException($"{nameof(Actor.OnActivateAsync)} did not end within {timeout}.", beginning.Exception?.InnerException);
        }
    }

    private void ConstructQueued()
    {
        if (!Terms.ConstructorPace.IsSample())
        {
            Construct();
            return;
        }

        TimeProvider time = Node.Clock.Provider;
        long started = time.GetTimestamp();
        Construct();
        Terms.ConstructorPace.TimedQueued(time.GetElapsedTime(started), endedAtOnce: true);
    }

    private void Construct()
    {
        if (_extras?.ConstructorFailure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure); // That was the attempt.
        }

        IAsyncDisposable? scope = null;
        try
        {
            Instance = Terms.Construct(this, out scope);
        }
        finally
        {
            if (scope is not null)
            {
                Extras.Scope = scope;
            }
        }
    }

    private void BeginDeactivation()
    {
        _state = ActivationState.Deactivating;
        DropTimers();
        if (!HasEnd())
        {
            End(); // Nothing of the user's runs: no turn, no time to be kept.
            return;
        }

        Turn turn = RentTurn();
        SynchronizationContext.SetSynchronizationContext(turn);
        _ = DeactivateAsync(PendingEnd);
        SynchronizationContext.SetSynchronizationContext(null);
    }

    /// <summary>Whether anything of the user's, or of services, runs at its end. Called once.</summary>
    private bool HasEnd() => Terms.HasEnd(Instance!) || (_extras?.Scope is { } scope && !(scope is LazyScope lazy && lazy.TryEnd()));

    /// <inheritdoc cref="ActivateAsync"/>
    [SuppressMessage("Design", "CA1031", Justification = "The activation ends whatever user code throws; it is logged.")]
    private async Task DeactivateAsync(DeactivationReason reason)
    {
        try
        {
            using var timeout = new CancellationTokenSource(Node.Options.DeactivationTimeout, Node.Clock.Provider);
            await Instance!.OnDeactivateAsync(reason, timeout.Token).AsTask().WaitAsync(Node.Options.DeactivationTimeout, Node.Clock.Provider);
        }
        catch (Exception exception)
        {
            Node.LogDeactivationFailed(exception, Id);
        }

        await DisposeInstanceAsync();
        End();
    }

    [SuppressMessage("Design", "CA1031", Justification = "The activation ends whatever user code throws; it is logged.")]
    private async Task DisposeInstanceAsync()
    {
        try
        {
            switch (Instance)
            {
                case IAsyncDisposable disposable:
                    await WithinTimeAsync(disposable);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
        catch (Exception exception)
        {
            Node.LogDeactivationFailed(exception, Id);
        }

        if (_extras is not { Scope: { } scope } extras)
        {
            return;
        }

        extras.Scope = null;
        try
        {
            await WithinTimeAsync(scope);
        }
        catch (Exception exception)
        {
            Node.LogDeactivationFailed(exception, Id);
        }
    }

    /// <summary>What does not end in time is left behind: its slot waits for it, and with that a view, or the leave of its node.</summary>
    private Task WithinTimeAsync(IAsyncDisposable disposable) => disposable.DisposeAsync().AsTask().WaitAsync(Node.Options.DeactivationTimeout, Node.Clock.Provider);

    /// <summary>Nothing of it is entered again. Calls that wait go to the next activation, in order; when the node stops they are refused.</summary>
    private void End()
    {
        _state = ActivationState.Ended;
        if (PendingEnd != 0)
        {
            Node.OnActivationEnded(Id, PendingEnd, _extras?.Failure);
        }

        if (Gate is { } gate && (PendingEnd == DeactivationReason.Moved || !gate.IsOwned(this)))
        {
            InboxItem? waiting = _waiting.First;
            _waiting = default;
            gate.End(this, waiting);
        }
        else if (PendingEnd == DeactivationReason.ShuttingDown)
        {
            _waiting.Append(_intake.CloseCalls());
            RefuseAllWaiting(new Fault(FaultCode.NotServing, "its node is shutting down"));
            Node.Activations.Remove(this);
        }
        else if (_waiting.IsEmpty && _intake.TryCloseCalls())
        {
            Node.Activations.Remove(this);
            Gate?.AfterRemoved(this);
        }
        else
        {
            // The successor is known before this one refuses calls, but only to whom it refuses one, and found by all afterwards: of what one sender says to both, by whatever references, none goes to the successor before all that went here.
            // And it runs nothing before it has what was left here: no sender's order is lost.
            TakeCalls();
            int expected = CloseAll(_waiting.First);
            var next = new Activation(Terms, _standing.Key);
            next.Inherit(expected);
            ActivationExtras extras = Extras;
            extras.Successor = next;
            _waiting.Append(_intake.CloseCalls());
            Node.Activations.Replace(this, next);
            extras.Successor = null; // Whoever keeps this one does not keep all that come after it.
            next.RunWith(_waiting.First, expected);
            _waiting = default;
        }

        DropResumptions();
        _extras?.Overflow?.Admit(long.MaxValue);
        SignalEnd();
        Instance = null; // References that have met it keep the activation until they call again, but not what the actor had.
    }
}
