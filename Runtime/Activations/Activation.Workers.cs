using Kameo.Actors.Calls;

namespace Kameo.Actors.Activations;

/// <summary>How a worker of a pool is given a call.</summary>
internal sealed partial class Activation
{
    /// <summary>Whether it is one of several of its id.</summary>
    public bool IsWorker => _terms.Class.WorkersMax != 0;

    /// <summary>Adds a call if nothing waits or runs here; <see cref="Schedule"/> makes it run. Any thread; of several at a time, one succeeds.</summary>
    /// <returns>False if it is busy, or has ended.</returns>
    public bool TryEnqueueIdle(ActorCall call)
    {
        // Read in this order: whoever starts a call counts its turn before it counts the call as dequeued, so a call that has left the mailbox is seen as a turn, or has ended.
        long dequeued = Volatile.Read(ref _dequeued);
        if (Volatile.Read(ref _runningTurns) != 0 || _state > ActivationState.Active
            || Interlocked.CompareExchange(ref _enqueued, dequeued + 1, dequeued) != dequeued)
        {
            return false;
        }

        call.Sequence = dequeued + 1;
        if (_mailbox.TryPush(call))
        {
            return true;
        }

        Interlocked.Decrement(ref _enqueued);
        return false;
    }
}
