using Kameo.Actors.Calls;

namespace Kameo.Actors.Activations;

/// <summary>Local tells that wait for a place in a full mailbox: the calls are queued already, in order; only their senders wait. Slow path, so a lock is no harm.</summary>
/// <remarks>A sender waits until its deadline. Then its call is withdrawn, if it has not started: it stays in the mailbox, and its turn passes.</remarks>
internal sealed class MailboxOverflow
{
    private readonly Queue<Sender> _senders = new();
    private int _count;
    private long _earliest = long.MaxValue;
    private bool _isWatched;

    /// <summary>Waits until the call of that sequence number is within the capacity. The sender holds the call, and has let go of it when this completes.</summary>
    /// <param name="sequence">Which one of the activation's calls it is.</param>
    /// <param name="call">The call.</param>
    /// <param name="deadline">Until when, on the node's clock.</param>
    /// <param name="watch">Looks at it until nobody waits.</param>
    /// <exception cref="ActorCallException">It did not get a place in time, or its actor ended before it had one: it does not run.</exception>
    public Task WaitAsync(long sequence, ActorCall call, long deadline, SenderWatch watch)
    {
        var admitted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_senders)
        {
            _senders.Enqueue(new Sender(sequence, call, deadline, admitted));
            _earliest = Math.Min(_earliest, deadline);
            Interlocked.Increment(ref _count);
            if (!_isWatched)
            {
                _isWatched = true;
                watch.Watch(this);
            }
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
            while (_senders.TryPeek(out Sender first) && first.Sequence <= sequenceMax)
            {
                _senders.Dequeue();
                Interlocked.Decrement(ref _count);
                if (first.Call.EndPlacing() is { } refused)
                {
                    first.Admitted.SetException(refused);
                }
                else
                {
                    first.Admitted.SetResult();
                }

                first.Call.LetGo();
            }
        }
    }

    /// <summary>Senders whose time is over are told that their tells were not sent. The node's tick.</summary>
    /// <returns>False if nobody waits: it is to be watched again from the next one on.</returns>
    public bool Expire(long now)
    {
        lock (_senders)
        {
            if (_earliest <= now)
            {
                _earliest = long.MaxValue;
                for (int left = _senders.Count; left > 0; left--)
                {
                    Sender sender = _senders.Dequeue();
                    if (sender.Deadline <= now && sender.Call.TryWithdraw())
                    {
                        Interlocked.Decrement(ref _count);
                        sender.Admitted.SetException(new OverloadedException(sender.Call.Target, null, $"The tell to {sender.Call.Target} was not sent: its mailbox was full until its deadline."));
                        sender.Call.LetGo();
                        continue;
                    }

                    _senders.Enqueue(sender); // One that has started has a place before long.
                    _earliest = Math.Min(_earliest, Math.Max(sender.Deadline, now + 1));
                }
            }

            _isWatched = _senders.Count != 0;
            return _isWatched;
        }
    }

    /// <summary>One sender cannot have a place while it waits: it is told so, unless it has one by now. Any thread.</summary>
    /// <param name="sequence">Its call's number.</param>
    public void Refuse(long sequence)
    {
        lock (_senders)
        {
            for (int left = _senders.Count; left > 0; left--)
            {
                Sender sender = _senders.Dequeue();
                if (sender.Sequence == sequence && sender.Call.TryWithdraw())
                {
                    Interlocked.Decrement(ref _count);
                    sender.Admitted.SetException(new OverloadedException(sender.Call.Target, null, $"The tell to {sender.Call.Target} was not sent: its mailbox was full, and a turn of it waits for the sender."));
                    sender.Call.LetGo();
                }
                else
                {
                    _senders.Enqueue(sender);
                }
            }
        }
    }

    private readonly record struct Sender(long Sequence, ActorCall Call, long Deadline, TaskCompletionSource Admitted);
}
