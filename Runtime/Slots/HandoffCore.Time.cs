using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>What time brings: leases of others end, questions are asked again, requests expire, turns are told to stop.</summary>
internal sealed partial class HandoffCore
{
    private TimeSpan _askAgainAt;
    private TimeSpan _askAgainAfter;

    /// <summary>What is asked from now on, or lost, is asked again soon.</summary>
    private void AskAgainSoon(TimeSpan now)
    {
        _askAgainAfter = _timing.RetryEvery;
        _askAgainAt = now + _askAgainAfter;
    }

    private void Tick(TimeSpan now)
    {
        bool isTick = now >= _tickAt;
        bool isRetry = isTick && now >= _askAgainAt;
        if (isRetry)
        {
            _askAgainAfter = Earlier(2 * _askAgainAfter, _timing.RetryMax);
            _askAgainAt = now + _askAgainAfter;
        }

        _clearAt = TimeSpan.MaxValue;
        foreach (SlotCell cell in _work.ToArray())
        {
            TryAcquire(now, cell);
            if (cell.Group.IsOwned[cell.Slot])
            {
                foreach ((ActorId id, Directions directions) in cell.Records.ToArray())
                {
                    Proceed(now, cell, id, directions, isRetry);
                    Expire(now, directions.Held);
                }
            }

            if (isTick)
            {
                Look(now, cell, isRetry);
            }
        }

        if (isRetry)
        {
            Ask(now, isRetry: true);
        }

        if (isTick)
        {
            ExpireAhead(now);
            _tickAt = _work.Count > 0 || _ahead.Count > 0 ? now + _timing.RetryEvery : TimeSpan.MaxValue;
        }
    }

    private void Look(TimeSpan now, SlotCell cell, bool isRetry)
    {
        Expire(now, cell.Held);
        if (cell.IsHolding)
        {
            Expire(now, cell);
            if (now - cell.FlushedSince >= _timing.FlushMax)
            {
                GivenUp++;
                Switch(now, cell);
            }
            else if (isRetry && cell.HoldsUntil == 0)
            {
                SendFlush(cell);
            }
        }
        else if (isRetry)
        {
            foreach (ActorId id in cell.Endings)
            {
                Pass(now, cell.Group, new SlotItem(Self, new Unregister(Epoch, id, cell.Slot, Self, HandoffLimits.MessageHopsMax)), cell.Slot);
            }
        }

        foreach ((ActorId id, Guest guest) in cell.Guests)
        {
            if (now >= guest.CancelAt)
            {
                guest.CancelAt = TimeSpan.MaxValue;
                _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Cancel, Id: id));
            }
        }
    }

    /// <summary>The view that something waits for may never come: the deadlines of requests hold all the same, and what a node has sent that is gone from the views is not heeded.</summary>
    private void ExpireAhead(TimeSpan now)
    {
        for (int count = _ahead.Count; count > 0; count--)
        {
            (MemberId from, long epoch, object what) = _ahead.Dequeue();
            var request = what as SlotRequest;
            bool isRefused = IsRefused(from);
            if (!isRefused && (request is null || now < request.Deadline))
            {
                _ahead.Enqueue((from, epoch, what));
            }
            else if (request is not null)
            {
                Refuse(request, isRefused ? Refusal.NotServing : Refusal.Expired);
            }
        }
    }

    /// <summary>Requests whose deadline has passed are refused where they wait.</summary>
    private void Expire(TimeSpan now, Queue<SlotItem> queue)
    {
        for (int count = queue.Count; count > 0; count--)
        {
            SlotItem item = queue.Dequeue();
            if (IsExpired(now, item))
            {
                _held--;
                Refuse((SlotRequest)item.What, Refusal.Expired);
            }
            else
            {
                queue.Enqueue(item);
            }
        }
    }

    private void Expire(TimeSpan now, SlotCell cell)
    {
        for (LinkedListNode<SlotItem>? node = cell.Outgoing.First; node is not null;)
        {
            LinkedListNode<SlotItem>? next = node.Next;
            if (IsExpired(now, node.Value))
            {
                _held--;
                cell.Drop(node);
                Refuse((SlotRequest)node.Value.What, Refusal.Expired);
            }

            node = next;
        }
    }

    private static bool IsExpired(TimeSpan now, in SlotItem item) => item.What is SlotRequest request && now >= request.Deadline;

    /// <summary>A connection ended: what a former owner, or a host, had on its way is lost or here.</summary>
    private void ForgetWay(TimeSpan now, SlotCell cell, in MemberId peer)
    {
        foreach ((ActorId id, Directions directions) in cell.Records.ToArray())
        {
            if (directions.Through == peer)
            {
                directions.Through = default;
                directions.IsFlushing = false;
                if (cell.Group.IsOwned[cell.Slot])
                {
                    Proceed(now, cell, id, directions);
                }
            }
        }
    }
}
