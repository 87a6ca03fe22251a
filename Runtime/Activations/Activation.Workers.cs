using Kameo.Actors.Calls;

namespace Kameo.Actors.Activations;

/// <summary>How a worker of a pool is given a call.</summary>
internal sealed partial class Activation
{
    /// <summary>Whether it is one of several of its id.</summary>
    public bool IsWorker => _place.IsWorker;

    /// <summary>Adds a call if nothing waits or runs here; <see cref="Schedule"/> makes it run. Any thread; of several at a time, one succeeds.</summary>
    /// <param name="call">The call.</param>
    /// <param name="number">Which one of the worker's calls it is.</param>
    /// <returns>False if it is busy, or has ended.</returns>
    public bool TryEnqueueIdle(ActorCall call, out long number)
    {
        // Read in this order: whoever starts a call counts its turn before it counts the call as dequeued, so a call that has left the mailbox is seen as a turn, or has ended.
        long dequeued = _intake.Dequeued;
        number = dequeued + 1;
        return Volatile.Read(ref _runningTurns) == 0 && _state <= ActivationState.Active && _intake.TryPushFirst(call, dequeued);
    }
}
