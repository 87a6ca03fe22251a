using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Hop 4 when something is full: frames that wait for window, ring or pending table, in order. Replies wait in a lane of their own before requests, since they need
/// no window; requests made inside turns in a second, since they may use the kept quarter, unless a request to the same target waits before them.
/// </summary>
/// <remarks>
/// <para>The lock is taken only on this slow path. Senders look at <see cref="RequestsWait"/> and <see cref="RepliesWait"/> before they try the fast one, so that nobody passes those who wait.</para>
/// <para>
/// No wake-up is lost: a sender parks under the lock and then looks once more whether what it lacks is there, and pumps if so; whoever frees something fences and then looks at the
/// counts. Either the sender sees the freed bytes or the freeing side sees the count.
/// </para>
/// <para>Tells that got into the ring are completed in batches: a credit that frees a thousand senders costs one hop to the pool, and what they send then goes out together.</para>
/// <para>
/// Bounds: parked requests hold a caller each, and at most the node's option of them are held; beyond it a send fails as overloaded at once. Parked replies, and frames of the transport's own, are bounded in bytes: a
/// peer that keeps to its own limits never has as many under way, one that does not is closed.
/// </para>
/// </remarks>
/// <param name="requestsMax">Most requests held.</param>
/// <param name="replyBytesMax">Most bytes of replies held.</param>
/// <param name="batches">Where tells complete.</param>
internal sealed class SendQueue(int requestsMax, long replyBytesMax, CompletionBatchPool batches)
{
    /// <summary>Targets are counted by hash: two that share a count wait for each other, which costs a little time and no order.</summary>
    private const int TargetCounts = 256;

    /// <summary>Most paused targets. A receiver that keeps to its own rule pauses 16 at most, each of which holds a sixteenth of the window; more are not heeded.</summary>
    public const int PausedMax = 64;

    private readonly Lock _lock = new();
    private readonly ParkedLane _replies = new();
    private readonly ParkedLane _turns = new();
    private readonly ParkedLane _requests = new();

    /// <summary>One for each paused target; a target holds an eighth of a window when it is paused, so these are few.</summary>
    private readonly List<ParkedLane> _paused = [];
    private readonly int[] _waitingByTarget = new int[TargetCounts];
    private int _replyCount;
    private long _replyBytes;
    private int _requestCount;
    private int _pausedCount;
    private bool _closed;
    private bool _handedOver;

    /// <summary>Whether a request must queue behind others.</summary>
    public bool RequestsWait => Volatile.Read(ref _requestCount) != 0;

    /// <summary>Whether a reply must queue behind others.</summary>
    public bool RepliesWait => Volatile.Read(ref _replyCount) != 0;

    /// <summary>Bytes of replies that wait. A glance: any thread.</summary>
    public long ReplyBytes => Volatile.Read(ref _replyBytes);

    /// <summary>Whether anything waits.</summary>
    public bool AnythingWaits => RequestsWait || RepliesWait;

    /// <summary>How many requests wait, those to paused targets included.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount) + Volatile.Read(ref _pausedCount);

    /// <summary>Whether a request made inside a turn may try at once although others wait: none of them goes to its target.</summary>
    public bool MayPass(Requests.OutboundTarget target)
    {
        lock (_lock)
        {
            return _turns.First is null && WaitingFor(target) == 0;
        }
    }

    /// <summary>Adds a frame at the end of its lane.</summary>
    /// <returns>False when the queue is closed or full; the caller fails the send.</returns>
    public bool TryPark(ParkedSend send)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            if (send.Target is not { } target)
            {
                if (_replyBytes + send.HeldBytes > replyBytesMax)
                {
                    return false;
                }

                _replies.Add(send);
                _replyCount++;
                Volatile.Write(ref _replyBytes, _replyBytes + send.HeldBytes);
                return true;
            }

            if (_handedOver || _requestCount + _pausedCount >= requestsMax)
            {
                return false;
            }

            if (_paused.Count != 0 && FindPaused(send.TargetNumber) is { } paused)
            {
                paused.Add(send);
                _pausedCount++;
            }
            else
            {
                bool behindOwn = WaitingFor(target)++ != 0;
                (send.InsideTurn && !behindOwn ? _turns : _requests).Add(send); // What only keeps its place goes behind every request of the common lane.
                _requestCount++;
            }

            if (send.Ask is { } ask)
            {
                ask.Parked = send;
            }

            return true;
        }
    }

    /// <summary>Moves what now fits into the ring, in order, and completes the tells among it.</summary>
    /// <param name="tryPut">Puts one frame into the ring; false leaves it and everything behind it in its lane. Runs under the lock: it must not drain, nor start streams, which may.</param>
    /// <returns>The streams of what is in the ring now, to be started; null for none.</returns>
    public List<OutboundStream>? Pump(Func<ParkedSend, bool> tryPut)
    {
        CompletionBatch? completed = null;
        List<OutboundStream>? streams = null;
        lock (_lock)
        {
            PumpLane(_replies, tryPut, ref completed, ref streams);
            PumpLane(_turns, tryPut, ref completed, ref streams);
            PumpLane(_requests, tryPut, ref completed, ref streams);
        }

        completed?.Post();
        return streams;
    }

    /// <summary>The peer wants nothing more for a target now: its requests wait apart, so that those to others pass.</summary>
    public void Pause(IdBinding target)
    {
        lock (_lock)
        {
            if (_handedOver || _closed || _paused.Count == PausedMax || FindPaused(target.Number) is not null)
            {
                return;
            }

            target.IsPaused = true;
            var apart = new ParkedLane(target.Number);
            _paused.Add(apart);
            foreach (ParkedLane lane in (ReadOnlySpan<ParkedLane>)[_turns, _requests])
            {
                for (ParkedSend? send = lane.First, next; send is not null; send = next)
                {
                    next = send.Next;
                    if (send.TargetNumber == target.Number)
                    {
                        RemoveLocked(send);
                        Keep(send);
                        apart.Add(send);
                        _pausedCount++;
                    }
                }
            }
        }
    }

    /// <summary>The target takes requests again: those that waited for it go behind the others, in their order. Pump then.</summary>
    public void Resume(IdBinding target)
    {
        lock (_lock)
        {
            if (FindPaused(target.Number) is { } lane)
            {
                while (lane.First is { } first)
                {
                    RemoveLocked(first);
                    Keep(first);
                    WaitingFor(first.Target!)++;
                    _requests.Add(first);
                    _requestCount++;
                }

                _paused.Remove(lane);
            }

            // Last: a sender that sees it sees the count, too, and queues behind those that waited.
            target.IsPaused = false;
        }
    }

    /// <summary>Takes out every request whose deadline has passed.</summary>
    public void TakeExpired(long nowMilliseconds, List<ParkedSend> expired)
    {
        if (RequestCount == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (ParkedLane lane in RequestLanes())
            {
                for (ParkedSend? send = lane.First, next; send is not null; send = next)
                {
                    next = send.Next;
                    if (send.DeadlineMilliseconds <= nowMilliseconds)
                    {
                        RemoveLocked(send);
                        expired.Add(send);
                    }
                }
            }
        }
    }

    /// <summary>Takes out the tells that one sender has made to a target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="sender">Their <see cref="ParkedSend.Sender"/>.</param>
    /// <param name="isStill">Whether that still is who is meant: asked with the lock held, so that nothing sent later is taken.</param>
    /// <param name="taken">Gets them.</param>
    public void TakeTells(Requests.OutboundTarget target, object sender, Func<bool> isStill, List<ParkedSend> taken)
    {
        lock (_lock)
        {
            if (!isStill())
            {
                return;
            }

            foreach (ParkedLane lane in RequestLanes())
            {
                for (ParkedSend? send = lane.First, next; send is not null; send = next)
                {
                    next = send.Next;
                    if (send.IsTell && ReferenceEquals(send.Sender, sender) && ReferenceEquals(send.Target, target))
                    {
                        RemoveLocked(send);
                        taken.Add(send);
                    }
                }
            }
        }
    }

    /// <summary>Names the target of each request that waits.</summary>
    public void CollectTargets(Action<Requests.OutboundTarget> found)
    {
        lock (_lock)
        {
            foreach (ParkedLane lane in RequestLanes())
            {
                for (ParkedSend? send = lane.First; send is not null; send = send.Next)
                {
                    if (!send.IsOrdered)
                    {
                        found(send.Target!);
                    }
                }
            }
        }
    }

    /// <summary>Takes out one ask, if it still waits here.</summary>
    public ParkedSend? Take(PendingAsk ask)
    {
        lock (_lock)
        {
            if (ask.Parked is not { Lane: { } lane } send || !RequestLanes().Contains(lane))
            {
                return null;
            }

            RemoveLocked(send);
            return send;
        }
    }

    /// <summary>If nothing sent against the window is under way, closes it, passes every waiting request on in order, and takes no more: one step against every sender.</summary>
    /// <param name="window">The connection's window.</param>
    /// <param name="passOn">Sends a request over the connection that takes over; must not block, nor come back to this queue.</param>
    public bool TryHandOver(RequestWindow window, Action<ParkedSend> passOn)
    {
        lock (_lock)
        {
            if (_closed || !window.TryRetire())
            {
                return false;
            }

            _handedOver = true;
            foreach (ParkedLane lane in RequestLanes())
            {
                while (lane.First is { } first)
                {
                    RemoveLocked(first);
                    passOn(first);
                }
            }

            return true;
        }
    }

    /// <summary>Once the window is retired: returns when all that waited here has been passed on, so that what its caller sends over the other connection comes behind it.</summary>
    public void AwaitHandOver()
    {
        lock (_lock)
        {
            // Passing on is done with it held.
        }
    }

    /// <summary>Takes everything and refuses more.</summary>
    public List<ParkedSend> Close()
    {
        var all = new List<ParkedSend>();
        lock (_lock)
        {
            _closed = true;
            foreach (ParkedLane lane in (ParkedLane[])[_replies, .. RequestLanes()])
            {
                while (lane.First is { } first)
                {
                    RemoveLocked(first);
                    all.Add(first);
                }
            }
        }

        return all;
    }

    private void PumpLane(ParkedLane lane, Func<ParkedSend, bool> tryPut, ref CompletionBatch? completed, ref List<OutboundStream>? streams)
    {
        while (lane.First is { } first && tryPut(first))
        {
            RemoveLocked(first);
            if (first.Streams is { } named)
            {
                (streams ??= []).AddRange(named);
            }

            if (!first.IsTell)
            {
                first.Drop();
                continue;
            }

            completed ??= batches.Rent();
            completed.Add(first);
            if (completed.IsFull)
            {
                completed.Post();
                completed = null;
            }
        }
    }

    private ParkedLane[] RequestLanes() => [_turns, _requests, .. _paused];

    private ParkedLane? FindPaused(uint number) => _paused.Find(lane => lane.PausedTarget == number);

    /// <summary>It changes lanes: its ask still waits here.</summary>
    private static void Keep(ParkedSend send)
    {
        if (send.Ask is { } ask)
        {
            ask.Parked = send;
        }
    }

    private void RemoveLocked(ParkedSend send)
    {
        ParkedLane lane = send.Lane!;
        lane.Remove(send);
        if (send.Target is { } target)
        {
            if (lane.PausedTarget == 0)
            {
                WaitingFor(target)--;
                _requestCount--;
            }
            else
            {
                _pausedCount--;
            }

            if (send.Ask is { } ask)
            {
                ask.Parked = null;
            }
        }
        else
        {
            _replyCount--;
            Volatile.Write(ref _replyBytes, _replyBytes - send.HeldBytes);
        }
    }

    private ref int WaitingFor(Requests.OutboundTarget target) => ref _waitingByTarget[target.Hash & (TargetCounts - 1)];
}
