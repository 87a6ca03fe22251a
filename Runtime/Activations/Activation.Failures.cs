using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Activations;

/// <summary>What an activation does when a turn fails: the policy of its class, or of its actor.</summary>
internal sealed partial class Activation
{
    /// <summary>A method threw. In the executor, before its caller knows.</summary>
    public void OnTurnFailed(Exception exception)
    {
        FailurePolicy policy = Decide(exception);
        if (policy == FailurePolicy.Propagate || _state != ActivationState.Active)
        {
            return;
        }

        bool isRestarting = _extras?.Failure is not null;
        Extras.Failure ??= exception;
        if (policy == FailurePolicy.Restart && isRestarting)
        {
            return; // Turns that fail beside each other are one failure of the activation: it is made anew once.
        }

        if (policy == FailurePolicy.Restart && Node.Failures.TryCountRestart(Id, Terms.Failure))
        {
            AskToEnd(DeactivationReason.Restarted);
            return;
        }

        Node.Failures.Stop(Id, Terms.Failure);
        LifeLog.Stopped(Node.Logger, exception, Id.ToString(), Terms.Failure.BackOff);
        AskToEnd(DeactivationReason.Failed);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws while it decides, the policy of the class decides then.")]
    private FailurePolicy Decide(Exception exception)
    {
        try
        {
            return Instance!.DecideOnFailure(exception);
        }
        catch (Exception another)
        {
            LifeLog.DecisionFailed(Node.Logger, another, Id.ToString());
            return Terms.Failure.Policy;
        }
    }

    /// <summary>Refuses the calls that wait, and ends, if the actor is stopped after a failure. Instead of activating.</summary>
    private bool RefuseIfStopped()
    {
        if (Node.Failures.IsEmpty || Node.Failures.StoppedFor(Id) is not { } left)
        {
            return false;
        }

        RefuseAllWaiting(new Fault(FaultCode.Stopped, $"it failed and is stopped for another {Math.Ceiling(left.TotalMilliseconds)} ms"));
        End();
        return true;
    }
}
