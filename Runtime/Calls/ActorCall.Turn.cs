using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Errors;
using Kameo.Actors.Observers;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Calls;

/// <summary>The callee's half: a queued request, then a turn, then its answer. Everything here runs in the executor of the activation, but for <see cref="TryWithdraw"/> and <see cref="CancelTurn"/>.</summary>
public abstract partial class ActorCall
{
    private const int Queued = 0;
    private const int Started = 1;
    private const int Withdrawn = 2;

    // Of a tell whose sender waits for a place in a full mailbox: what the sender is told is decided once.
    private const int AwaitsPlace = 1;
    private const int HasPlace = 2;
    private const int HasNoPlace = 3;

    private int _stage;
    private int _place;
    private Connection? _origin;

    /// <summary>What wakes its turn when the task that the turn suspended on is done.</summary>
    internal TurnItem Done => _kept.Done ??= new TurnItem();

    /// <summary>The turn it runs in; null before and after.</summary>
    internal Turn? Turn { get; set; }

    /// <summary>Whether it is a tell whose sender waits for a place, or did, and gives it up at its deadline. Set before anybody else knows it.</summary>
    internal bool MayBeWithdrawn
    {
        get => _place != 0;
        set => _place = value ? AwaitsPlace : 0;
    }

    /// <summary>Whether it will never run.</summary>
    internal bool IsWithdrawn => Volatile.Read(ref _stage) == Withdrawn;

    private bool IsCancellable => (Method.Options & ActorMethodOptions.Cancellable) != 0;

    private bool IsRemote => _origin is not null;

    /// <summary>Hop 7: takes over a request that came over the network.</summary>
    internal void TakeOver(ActorNode node, ActorId target, ref InboundRequest request)
    {
        Begin(node, target, request.Connection, !request.IsAsk, request.Header.Correlation, request.Deadline);
        _extras.Hold = request.Hold;
        request.Hold = default;
        _extras.InboundStreams = request.Streams;
        TakeContext(request);
        if (!IsTell && IsCancellable)
        {
            node.InboundCancellable.TryAdd((request.Connection, _extras.OriginCorrelation), this);
        }
    }

    /// <summary>The same of a usual request.</summary>
    internal void TakeOver(ActorNode node, ActorId target, in InboundCall request)
    {
        Begin(node, target, request.Origin, request.IsTell, request.Correlation, request.Deadline);
        _extras.Hold = request.Hold;
    }

    private void Begin(ActorNode node, ActorId target, Connection origin, bool isTell, ulong correlation, long deadline)
    {
        Node = node;
        Target = target;
        IsTell = isTell;
        DeadlineMilliseconds = deadline;
        _origin = origin;
        Add().OriginCorrelation = correlation;
        HeldBy(1);
    }

    /// <summary>Its sender need not wait any longer: what it is told. Whoever holds it for the sender.</summary>
    /// <returns>Null: it has a place. Else why it has none, and never will.</returns>
    internal Exception? EndPlacing() => Interlocked.CompareExchange(ref _place, HasPlace, AwaitsPlace) == HasNoPlace ? _error : null;

    /// <summary>It will not run, unless it has begun.</summary>
    internal bool TryWithdraw() => Interlocked.CompareExchange(ref _stage, Withdrawn, Queued) == Queued;

    /// <summary>The caller waits no longer: a turn with a token hears of it, a queued call is not run. Any thread.</summary>
    internal void CancelTurn()
    {
        if (!TryWithdraw())
        {
            // What the token's holders registered runs on the pool, not here: this may be a receive loop.
            _ = Volatile.Read(ref _extras.Cancel)?.CancelAsync();
        }
    }

    /// <summary>Hop 8: runs the method, if nobody withdrew the call.</summary>
    /// <returns>Whether a turn has begun; it ends through <see cref="Activation.EndTurn"/>, perhaps before this returns.</returns>
    internal bool TryStart(Turn turn, object actor)
    {
        if (IsCancellable)
        {
            Volatile.Write(ref Add().Cancel, new CancellationTokenSource());
        }

        if ((IsTell && !MayBeWithdrawn) || (IsRemote && !IsCancellable))
        {
            _stage = Started; // Nobody else knows it: it cannot be withdrawn.
        }
        else if (Interlocked.CompareExchange(ref _stage, Started, Queued) != Queued)
        {
            Drop();
            return false;
        }

        if (IsRemote && !IsTell && DeadlineMilliseconds <= Node.Clock.NowMilliseconds)
        {
            Refuse(FaultCode.Expired, "its deadline passed while it waited for the actor");
            return false;
        }

        if (IsRemote && (_extras.ContextFault ?? ReadArguments()) is { } wrong)
        {
            Refuse(FaultCode.BadArguments, wrong);
            return false;
        }

        Turn = turn;
        turn.Begin(this);
        if (Context is { } context)
        {
            RequestContext.Enter(context); // The executor forgets it after the step; what the turn awaits keeps it.
        }

        BeginTurnObserved();
        if (Method.Pace is var pace && pace.IsSample())
        {
            TimeProvider time = Node.Clock.Provider;
            long started = time.GetTimestamp();
            RunHere(actor);
            pace.TimedQueued(time.GetElapsedTime(started), endedAtOnce: turn.Call is null); // This object may be another call by now; the turn is still the executor's.
        }
        else
        {
            RunHere(actor);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(FaultCode code, string why) => Refuse(new Fault(code, why));

    private void RunHere(object actor)
    {
        try
        {
            Run(actor);
        }
        catch (Exception exception) when (Turn is { Activation.MayEnter: false })
        {
            AwaitFailure(exception); // The lease has ended: what it threw is let out no more than a result would be.
        }
        catch (Exception exception)
        {
            FailTurn(exception);
        }
    }

    /// <summary>It does not run: the caller is told why, and the executor lets go of it.</summary>
    internal void Refuse(in Fault fault)
    {
        if (!IsTell || !(IsWithdrawn || TryTellSender(fault)))
        {
            Answer(fault); // Of a tell that was withdrawn its sender knows.
        }

        Drop();
    }

    /// <summary>Whether the sender still waits for a place, and hears of this instead.</summary>
    private bool TryTellSender(in Fault fault)
    {
        if (Volatile.Read(ref _place) != AwaitsPlace)
        {
            return false;
        }

        _error = CallFailure.Of(fault, Target, null);
        return Interlocked.CompareExchange(ref _place, HasNoPlace, AwaitsPlace) == AwaitsPlace;
    }

    /// <summary>The task of a turn that suspended is done: continues in the executor.</summary>
    internal void EndSuspended()
    {
        try
        {
            FinishRun();
        }
        catch (Exception exception)
        {
            FailTurn(exception);
        }
    }

    /// <summary>Calls the method; ends the turn, or suspends on its task.</summary>
    private protected abstract void Run(object actor);

    /// <summary>The method threw instead of failing its task: as if it had failed it.</summary>
    private protected abstract void AwaitFailure(Exception exception);

    /// <summary>Takes the result of the task that the turn suspended on, and ends the turn; throws what the task failed with.</summary>
    private protected abstract void FinishRun();

    /// <summary>What a suspended task calls when it is done, on any thread.</summary>
    private protected Action OnTaskDone => _kept.OnTaskDone ??= () => Turn!.Activation.ContinueTurn(this);

    /// <summary>Whether there is somebody to answer: the ask was not given up meanwhile. Where the caller is on this node this takes the ask out of its table.</summary>
    private protected bool TryClaimAnswer() => !IsTell && (IsRemote || Node.LocalAsks.TryTake(this));

    /// <summary>Whether the turn may answer now. What it would say after the node's lease has ended is not let out, since somebody else may run the actor by then: it ends again when the lease is renewed, or never.</summary>
    private protected bool MayAnswer()
    {
        if (Turn is not { Activation: { MayEnter: false } activation })
        {
            return true; // Also for a call that has left its turn: somebody else answers it.
        }

        activation.Resume(Done.AsTurnDone(this));
        return false;
    }

    /// <summary>Sends a result to the caller's node.</summary>
    private protected void ReplyWith(ScratchBuffer encoded)
    {
        _origin!.Reply(_extras.OriginCorrelation, encoded.WrittenSpan, encoded.Streams?.ToArray(), encoded.Attached);
        if (encoded.Streams is { } streams)
        {
            // What is streamed back may be read from what was streamed here: that lives as long.
            streams.Send(then: _extras.InboundStreams);
            _extras.InboundStreams = null;
        }
    }

    /// <summary>Before a result is encoded for the caller's node.</summary>
    private protected void MayNameStreams(ScratchBuffer scratch) => MayNameStreams(scratch, _origin);

    /// <inheritdoc cref="MayNameStreams(ScratchBuffer)"/>
    internal static void MayNameStreams(ScratchBuffer scratch, Connection? origin) => scratch.SendTo(origin, PendingBudget.ReplyBytesMax);

    /// <summary>Its arguments, if they were too large for a frame and may not be there yet.</summary>
    internal GatheredPayload? Gathered => _extras.Hold.Gathered;

    private protected bool AnswersRemotely => IsRemote && !IsTell;

    /// <summary>Answers a method without a result.</summary>
    private protected void ReplyEmpty() => _origin!.Reply(_extras.OriginCorrelation, default);

    private protected void EndTurn()
    {
        if (_hasExtras && _extras.HasLeftTurn)
        {
            Drop(); // The turn ended when the method returned.
            return;
        }

        EndTurnObserved();
        Activation activation = Turn!.Activation;
        Turn turn = Turn;
        Turn = null;
        turn.End(this);
        ActorMethodOptions options = Method.Options;
        Drop();
        activation.EndTurn(turn, options);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private protected void FailTurn(Exception exception)
    {
        FailTurnObserved(exception);
        bool cancelled = IsCancelled(exception);
        if (exception is ObserverGoneException)
        {
            Answer(new Fault(FaultCode.NoSuchTarget, exception.Message));
            EndTurn();
            return;
        }

        if (!cancelled && !_resultIsReady)
        {
            Turn!.Activation.OnTurnFailed(exception); // Before the caller knows: what it sends then meets the activation, or the back-off, that this decides on.
        }

        if (IsTell)
        {
            if (!cancelled)
            {
                ReportFailedTell(exception);
            }
        }
        else
        {
            Answer(cancelled
                ? new Fault(FaultCode.CancelledWhileRunning, "the call was cancelled while it ran")
                : CalleeFault.Of(exception is MessagePackException or PayloadTooLargeException && _resultIsReady ? FaultCode.BadResult : FaultCode.Exception, exception));
        }

        EndTurn();
    }

    /// <summary>Whether an exception is the answer to a cancellation, and no failure.</summary>
    private protected virtual bool IsCancelled(Exception exception) => exception is OperationCanceledException && _extras.Cancel is { IsCancellationRequested: true };

    /// <summary>Nobody waits for the exception.</summary>
    private protected virtual void ReportFailedTell(Exception exception) => Node.LogTellFailed(exception, this);

    /// <summary>Set between a method's end and its answer: what fails then is the result, not the method.</summary>
    private protected bool _resultIsReady;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Answer(in Fault fault)
    {
        if (IsTell)
        {
            Node.CountLostTell(fault.Code, _origin);
        }
        else if (IsRemote)
        {
            _origin!.ReplyFault(_extras.OriginCorrelation, fault);
        }
        else if (Node.LocalAsks.TryTake(this))
        {
            _error = CallFailure.Of(fault, Target, null);
            Signal(inline: false);
        }
    }

    private string? ReadArguments()
    {
        string? wrong = _extras.IsRead ? _extras.Unread : DecodeHeld(_extras.Hold.Bytes);
        _extras.Hold.Release(); // The window goes back to the sender as the turn starts.
        return wrong;
    }

    /// <param name="holders">What they are in, if values may be left, and moved, there.</param>
    private string? DecodeHeld(ICountedBytes? holders)
    {
        try
        {
            if (_extras.Hold.Gathered?.Failure is { } failure)
            {
                return $"they did not arrive whole: {failure.Message}";
            }

            var reader = new MessagePackReader(_extras.Hold.Payload, _extras.InboundStreams, holders);
            try
            {
                DecodeArguments(ref reader);
            }
            finally
            {
                _payloads = reader.Payloads; // They hold the slab by themselves.
            }

            return null;
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    /// <summary>The executor lets go.</summary>
    private void Drop()
    {
        EndPayloads();
        if (_origin is { } origin)
        {
            _extras.Hold.Release();
            if (_extras.InboundStreams is { } streams)
            {
                _extras.InboundStreams = null;
                MessageStreams.DisposeAll(streams); // Those that the method has not read to their end are given up.
            }

            if (!IsTell && IsCancellable)
            {
                Node.InboundCancellable.TryRemove((origin, _extras.OriginCorrelation), out _);
            }
        }

        LetGo();
    }

    private void ResetTurn()
    {
        Volatile.Write(ref _stage, Queued);
        _origin = null;
        _resultIsReady = false;
        _place = 0;
        Turn = null;
    }
}
