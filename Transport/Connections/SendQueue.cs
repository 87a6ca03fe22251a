using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Hop 4 when something is full: frames that wait for window, ring or pending table, in order. Replies wait in a lane of their own before requests, since they need
/// no window; requests made inside turns in a second, since they may use the kept quarter, unless a request to the same target waits before them.
/// </summary>
/// <remarks>
/// <para>The lock is taken only on this slow path. Senders look at <see cref="RequestsWait"/> and <see cref="RepliesWait"/> before they try the fast one, so that nobody passes those who wait.</para>
/// <para>
/// No wake-up is lost: a sender parks under the lock, then pumps once itself; whoever frees something fences and then looks at the counts. Either the sender's pump
/// sees the freed bytes or the freeing side sees the count.
/// </para>
/// <para>Bounds: parked requests hold a caller each, and at most the node's option of them are held; beyond it a send fails as overloaded at once. Parked replies are bounded by the asks the peer may have pending.</para>
/// </remarks>
/// <param name="requestsMax">Most requests held.</param>
internal sealed class SendQueue(int requestsMax)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<ParkedSend> _replies = new();
    private readonly LinkedList<ParkedSend> _turns = new();
    private readonly LinkedList<ParkedSend> _requests = new();
    private readonly Dictionary<byte[], int> _waitingByTarget = new(IdComparer.Instance);
    private int _replyCount;
    private int _requestCount;
    private bool _closed;
    private bool _handedOver;

    /// <summary>Whether a request must queue behind others.</summary>
    public bool RequestsWait => Volatile.Read(ref _requestCount) != 0;

    /// <summary>Whether a reply must queue behind others.</summary>
    public bool RepliesWait => Volatile.Read(ref _replyCount) != 0;

    /// <summary>Whether anything waits.</summary>
    public bool AnythingWaits => RequestsWait || RepliesWait;

    /// <summary>How many requests wait.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>Whether a request made inside a turn may try at once although others wait: none of them goes to its target.</summary>
    public bool MayPass(byte[] target)
    {
        lock (_lock)
        {
            return _turns.Count == 0 && !_waitingByTarget.ContainsKey(target);
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

            if (send.Target is null)
            {
                _replies.AddLast(send);
                _replyCount++;
                return true;
            }

            if (_handedOver || _requestCount >= requestsMax)
            {
                return false;
            }

            bool behindOwn = _waitingByTarget.TryGetValue(send.Target.Id, out int waiting);
            _waitingByTarget[send.Target.Id] = waiting + 1;
            (send.InsideTurn && !behindOwn ? _turns : _requests).AddLast(send);
            _requestCount++;
            return true;
        }
    }

    /// <summary>Moves what now fits, in order, by <paramref name="tryPut"/>; completed sends are told outside the ring but on their own continuations' threads.</summary>
    /// <param name="tryPut">Puts one frame into the ring; false leaves it and everything behind it in its lane.</param>
    public void Pump(Func<ParkedSend, bool> tryPut)
    {
        lock (_lock)
        {
            PumpLane(_replies, tryPut, ref _replyCount);
            PumpLane(_turns, tryPut, ref _requestCount);
            PumpLane(_requests, tryPut, ref _requestCount);
        }
    }

    /// <summary>Takes out every request whose deadline has passed.</summary>
    public void TakeExpired(long nowMilliseconds, List<ParkedSend> expired) => TakeWhere(send => send.DeadlineMilliseconds <= nowMilliseconds, expired);

    /// <summary>Takes out one ask, if it still waits here.</summary>
    public ParkedSend? Take(PendingAsk ask)
    {
        var taken = new List<ParkedSend>(1);
        TakeWhere(send => ReferenceEquals(send.Ask, ask), taken);
        return taken.Count == 0 ? null : taken[0];
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
            foreach (LinkedList<ParkedSend> lane in (ReadOnlySpan<LinkedList<ParkedSend>>)[_turns, _requests])
            {
                while (lane.First is { } first)
                {
                    RemoveLocked(lane, first, ref _requestCount);
                    passOn(first.Value);
                }
            }

            return true;
        }
    }

    /// <summary>Takes everything and refuses more.</summary>
    public List<ParkedSend> Close()
    {
        lock (_lock)
        {
            _closed = true;
            List<ParkedSend> all = [.. _replies, .. _turns, .. _requests];
            _replies.Clear();
            _turns.Clear();
            _requests.Clear();
            _waitingByTarget.Clear();
            _replyCount = 0;
            _requestCount = 0;
            return all;
        }
    }

    private void TakeWhere(Predicate<ParkedSend> match, List<ParkedSend> taken)
    {
        if (!RequestsWait)
        {
            return;
        }

        lock (_lock)
        {
            foreach (LinkedList<ParkedSend> lane in (ReadOnlySpan<LinkedList<ParkedSend>>)[_turns, _requests])
            {
                for (LinkedListNode<ParkedSend>? node = lane.First, next; node is not null; node = next)
                {
                    next = node.Next;
                    if (match(node.Value))
                    {
                        taken.Add(node.Value);
                        RemoveLocked(lane, node, ref _requestCount);
                    }
                }
            }
        }
    }

    private void PumpLane(LinkedList<ParkedSend> lane, Func<ParkedSend, bool> tryPut, ref int count)
    {
        while (lane.First is { } first && tryPut(first.Value))
        {
            RemoveLocked(lane, first, ref count);
            first.Value.Complete();
        }
    }

    private void RemoveLocked(LinkedList<ParkedSend> lane, LinkedListNode<ParkedSend> node, ref int count)
    {
        lane.Remove(node);
        count--;
        if (node.Value.Target is { } target)
        {
            int left = _waitingByTarget[target.Id] - 1;
            if (left == 0)
            {
                _waitingByTarget.Remove(target.Id);
            }
            else
            {
                _waitingByTarget[target.Id] = left;
            }
        }
    }
}
