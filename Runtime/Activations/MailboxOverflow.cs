namespace Kameo.Actors.Activations;

/// <summary>Local tells that wait for a place in a full mailbox: the calls are queued already, in order; only their senders wait. Slow path, so a lock is no harm.</summary>
internal sealed class MailboxOverflow
{
    private readonly Queue<(long Sequence, TaskCompletionSource Admitted)> _senders = new();
    private int _count;

    /// <summary>Waits until the call of that sequence number is within the capacity.</summary>
    public Task WaitAsync(long sequence)
    {
        var admitted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_senders)
        {
            _senders.Enqueue((sequence, admitted));
            Interlocked.Increment(ref _count);
        }

        return admitted.Task;
    }

    /// <summary>Calls up to a sequence number have a place now.</summary>
    public void Admit(long sequenceMax)
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return;
        }

        lock (_senders)
        {
            // Two senders may have come here in another order than their numbers: whoever is behind waits for whoever is before, which is admitted no later than it.
            while (_senders.TryPeek(out (long Sequence, TaskCompletionSource Admitted) first) && first.Sequence <= sequenceMax)
            {
                _senders.Dequeue();
                Interlocked.Decrement(ref _count);
                first.Admitted.SetResult();
            }
        }
    }
}
