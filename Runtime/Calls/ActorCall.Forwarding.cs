using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Activations;
using Kameo.Actors.Errors;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>A call whose answer comes from another actor: its turn ends when its method returns, and the answer goes to the caller when it is there. Nothing here runs for any other call.</summary>
public abstract partial class ActorCall
{
    /// <summary>What <see cref="Actor.Forward{TResult}(ValueTask{TResult})"/> was given in its turn: a task of the method's own type, boxed. Null for nothing.</summary>
    internal object? Forwarded
    {
        get => _extras.Forwarded;
        set => Add().Forwarded = value;
    }

    /// <summary>Ends the turn; the call lives on until it is answered. In the executor.</summary>
    /// <returns>What goes on when the other actor has answered, on any thread.</returns>
    private protected Action LeaveTurn()
    {
        EndTurnObserved();
        Turn turn = Turn!;
        Turn = null;
        ref Extras extras = ref Add();
        extras.Forwarded = null;
        extras.HasLeftTurn = true;
        extras.OnAnswered = _origin is not null && !IsTell ? Node.Slots?.BeginPass() : null; // Before the turn is over, and its actor may be gone.
        turn.End(this);
        turn.Activation.EndTurn(turn, Method.Options);
        return _kept.OnForwardDone ??= FinishForward;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the other actor's answer is, the caller gets it.")]
    private void FinishForward()
    {
        Action? answered = _extras.OnAnswered;
        _extras.OnAnswered = null; // What follows gives the call back.
        try
        {
            FinishRun();
        }
        catch (Exception exception)
        {
            FailForward(exception);
        }

        answered?.Invoke();
    }

    /// <summary>The other actor's answer cannot be awaited, since something else awaits it or has taken it: in place of what <see cref="LeaveTurn"/> gave, which nobody will run.</summary>
    private protected void FailLeft(Exception exception)
    {
        Action? answered = _extras.OnAnswered;
        _extras.OnAnswered = null;
        FailForward(exception);
        answered?.Invoke();
    }

    private void FailForward(Exception exception)
    {
        bool cancelled = IsCancelled(exception);
        if (!IsTell)
        {
            Answer(cancelled ? new Fault(FaultCode.CancelledWhileRunning, "the call was cancelled after it had been forwarded")
                : _resultIsReady ? CalleeFault.Of(exception is MessagePackException or PayloadTooLargeException ? FaultCode.BadResult : FaultCode.Exception, exception)
                : ForwardedFailure.ToFault(exception));
        }
        else if (!cancelled)
        {
            ReportFailedTell(exception);
        }

        Drop();
    }
}
