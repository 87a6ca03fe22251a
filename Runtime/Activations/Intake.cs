using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Activations;

/// <summary>The side of an activation that senders write and read: its mailbox, how many calls came, whether it is scheduled, and what a sender looks at before it adds one. A mutable struct: kept in a field, never copied.</summary>
/// <remarks>
/// What the executor touches for each turn is no part of it, and the count that senders write stands 64 bytes behind that in the <see cref="Activation"/>: else two processors would pass one cache line to and fro for each call.
/// What the executor tells senders, how many calls it has taken, is written now and then only, so that it does not take the cache line from them for each call: so <see cref="QueuedCalls"/> may say a few too many while it runs, never too few.
/// </remarks>
/// <param name="capacity">Calls that the mailbox holds before local senders wait.</param>
/// <param name="takesTells">Whether local tells need no call object.</param>
internal struct Intake(int capacity, bool takesTells)
{
    /// <summary>How many calls there may be for a tell to be added.</summary>
    private readonly int _roomForTells = takesTells ? capacity : 0;
    private int _scheduled;
    private long _dequeued;
    private long _enqueued;
    private Inbox _calls;

    /// <summary>Calls in the mailbox. A glance: any thread.</summary>
    public readonly long QueuedCalls
    {
        get
        {
            // What is taken between the two reads does not make it too few; and, if this thread lost its core there, not too many: nothing was said to be taken before the third one.
            long dequeued = Volatile.Read(in _dequeued);
            while (true)
            {
                long enqueued = Volatile.Read(in _enqueued);
                long after = Volatile.Read(in _dequeued);
                if (after == dequeued)
                {
                    return enqueued - dequeued;
                }

                dequeued = after;
            }
        }
    }

    /// <summary>Calls taken out, as last said. A glance: any thread.</summary>
    public readonly long Dequeued => Volatile.Read(in _dequeued);

    /// <summary>Whether a tell may be added now as a <see cref="LocalTell"/>: local senders do not wait. A glance: any thread.</summary>
    public readonly bool HasRoomForTells => QueuedCalls < _roomForTells;

    /// <summary>Whether no call is to be taken. A glance.</summary>
    public readonly bool HasNoCalls => _calls.IsEmpty;

    /// <summary>Whether it takes no more calls. A glance: any thread.</summary>
    public readonly bool IsClosed => _calls.IsClosed;

    /// <summary>Whether it is scheduled or runs. A glance: any thread.</summary>
    public readonly bool IsScheduled => Volatile.Read(in _scheduled) != 0;

    /// <summary>Adds a call. Any thread.</summary>
    /// <param name="call">The call.</param>
    /// <param name="number">Which one it is.</param>
    /// <returns>False if the activation has ended.</returns>
    public bool TryPush(InboxItem call, out long number)
    {
        number = Interlocked.Increment(ref _enqueued); // Before it can be taken: the count is never too low.
        if (_calls.TryPush(call))
        {
            return true;
        }

        Interlocked.Decrement(ref _enqueued);
        return false;
    }

    /// <summary>Adds a call if no other waits. Any thread; of several at a time, one succeeds.</summary>
    /// <param name="call">The call.</param>
    /// <param name="dequeued"><see cref="Dequeued"/>, as it was read before.</param>
    /// <returns>False if another one waits, or the activation has ended.</returns>
    public bool TryPushFirst(InboxItem call, long dequeued)
    {
        if (Interlocked.CompareExchange(ref _enqueued, dequeued + 1, dequeued) != dequeued)
        {
            return false;
        }

        if (_calls.TryPush(call))
        {
            return true;
        }

        Interlocked.Decrement(ref _enqueued);
        return false;
    }

    /// <summary>Adds the calls of a batch. Any thread.</summary>
    /// <returns>False if the activation has ended: the chain still has them.</returns>
    public bool TryPush(in InboxChain calls)
    {
        Interlocked.Add(ref _enqueued, calls.Count);
        if (calls.TryPush(ref _calls))
        {
            return true;
        }

        Interlocked.Add(ref _enqueued, -calls.Count);
        return false;
    }

    /// <summary>Whether an item is the newest call. A glance, and an acquire: what was done to the item before it was pushed is seen after it.</summary>
    public readonly bool IsNewest(InboxItem item) => _calls.IsNewest(item);

    /// <summary>Adds a tell to a batch that is among the calls. The batch's thread.</summary>
    /// <returns>False if the batch is full or closed.</returns>
    public bool TryAdd<TAsk, TForm>(TellBatch<TAsk, TForm> batch, in TAsk ask)
        where TAsk : struct
        where TForm : struct, ITellForm<TAsk>
    {
        Interlocked.Increment(ref _enqueued); // Before it can be taken, as above.
        if (batch.TryAdd(ask))
        {
            return true;
        }

        Interlocked.Decrement(ref _enqueued);
        return false;
    }

    /// <summary>Calls that come from another activation's mailbox are counted here, too.</summary>
    public void Count(int inherited) => Interlocked.Add(ref _enqueued, inherited);

    /// <summary>Schedules it, unless it is. Partner: <see cref="Release"/>.</summary>
    /// <returns>Whether the caller is to make it run.</returns>
    public bool TrySchedule() => Interlocked.Exchange(ref _scheduled, 1) == 0;

    /// <summary>The same after a push: that was a full fence, so if the mark is set its holder has yet to look for what came.</summary>
    public bool TryScheduleAfterPush() => Volatile.Read(ref _scheduled) == 0 && TrySchedule();

    /// <summary>Becomes the executor at once, or does not. A look first: a failed step costs others the cache line.</summary>
    public bool TryClaim() => Volatile.Read(ref _scheduled) == 0 && Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0;

    /// <summary>The executor ends. A full fence: it looks for what came meanwhile after this, and whoever brings something looks at the mark after that.</summary>
    public void Release() => Interlocked.Exchange(ref _scheduled, 0);

    /// <summary>It is scheduled from the beginning. Before anybody else knows it.</summary>
    public void HoldBack() => _scheduled = 1;

    /// <summary>The executor says how many calls it has taken.</summary>
    public void Publish(long dequeued) => Volatile.Write(ref _dequeued, dequeued);

    /// <summary>Takes all calls, oldest first. The executor.</summary>
    public InboxItem? TakeCalls(out InboxItem? newest) => _calls.TakeAll(out newest);

    /// <summary>Takes no more calls; gives those that are left. The executor.</summary>
    public InboxItem? CloseCalls() => _calls.Close();

    /// <summary>Takes no more calls, if none is left. The executor.</summary>
    public bool TryCloseCalls() => _calls.TryCloseEmpty();
}
