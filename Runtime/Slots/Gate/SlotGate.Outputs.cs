using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Gate;

/// <summary>What the core wants done, one by one and in its order. Under the gate.</summary>
internal sealed partial class SlotGate
{
    /// <summary>How often what waits for a connection, or for requests that wait in one, is looked at.</summary>
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>How long what goes to a member waits for large arguments of a request before it; from then on that one comes when it comes.</summary>
    private static readonly TimeSpan s_arriveWithin = TimeSpan.FromSeconds(5);

    private readonly Queue<HandoffOutput> _outputs = new();
    private readonly List<(SlotLine Line, HandoffMessage Message, int Slot)> _flushes = [];
    private readonly HashSet<int> _waitingSlots = [];
    private bool _hasWaitedForSenders;
    private bool _isDoing;

    private void DoOutputs(TimeSpan now)
    {
        if (_isDoing)
        {
            return; // What an output leads to is done by whoever does that output, after all that was there before it.
        }

        _isDoing = true;
        _hasWaitedForSenders = false;
        try
        {
            while (_core is { } core)
            {
                while (core.TryTake(out HandoffOutput taken))
                {
                    _outputs.Enqueue(taken);
                }

                if (!_outputs.TryDequeue(out HandoffOutput output))
                {
                    Part(now, core);
                    TimeSpan next = core.NextDeadline < _announceAt ? core.NextDeadline : _announceAt;
                    _loop.SetDeadline((_outboxes.Count + _flushes.Count + (_ways.IsAsking ? 1 : 0) == 0 && !IsPartingLocked) || next < now + s_lookEvery ? next : now + s_lookEvery);
                    return;
                }

                Do(now, core, output);
            }
        }
        finally
        {
            _outputs.Clear();
            _isDoing = false;
        }
    }

    private void Do(TimeSpan now, HandoffCore core, in HandoffOutput output)
    {
        switch (output.Kind)
        {
            case HandoffOutputKind.Send:
                Send(now, output.Peer, output.Message!);
                break;
            case HandoffOutputKind.Forward:
                Forward(now, output.Peer, (CallRequest)output.Request!);
                break;
            case HandoffOutputKind.Run:
                var run = (CallRequest)output.Request!;
                _held.Remove(run);
                run.Run(_node, output.Number);
                if (core.IsDraining(run.Id, run.Slot))
                {
                    // Who was asked to end may have been over already, and this call's activation be another one.
                    _node.Activations.TryFind(run.Id)?.AskToEnd(EndReason);
                }

                break;
            case HandoffOutputKind.Refuse:
                var refused = (CallRequest)output.Request!;
                _held.Remove(refused);
                if (refused.IsPinned && output.Refusal == Refusal.NoHost)
                {
                    refused.RefuseByLabel(PlacementOf(refused.Id.ClassName).Label);
                }
                else
                {
                    refused.Refuse(output.Refusal);
                }

                break;
            case HandoffOutputKind.LetGo:
                NoteLost(output.Group!, (int)output.Number);
                break;
            case HandoffOutputKind.End:
                EndGuest(now, core, output.Id);
                break;
            case HandoffOutputKind.Cancel:
                _node.Activations.TryFind(output.Id)?.CancelTurns();
                break;
            case HandoffOutputKind.Released:
                Report(now, core, output.Number);
                break;
            case HandoffOutputKind.Publish:
                core.Publish(output);
                break;
            case HandoffOutputKind.Stray:
                FindLine(output.Peer)?.Put(new DirectNote(DirectNoteKind.Stray, output.Id, output.Peer, Stay: (uint)output.Number));
                break;
            case HandoffOutputKind.WayLeft:
                _ways.EndLeave(now, output.Number);
                break;
            case HandoffOutputKind.WayClosed:
                _ways.EndClose(now, output.Id);
                break;
            case HandoffOutputKind.Fetch:
                break; // The control lane brings it by itself.
        }
    }

    private void Send(TimeSpan now, in MemberId to, HandoffMessage message)
    {
        if (FindLine(to) is not { } line)
        {
            if (_core!.Knows(to))
            {
                OutboxOf(to).TryAdd(message, now); // Without a place it is lost; what matters is asked again.
            }

            return;
        }

        MakeReady(line);
        if (_outboxes.TryGetValue(to, out SlotOutbox? before))
        {
            before.TryAdd(message, now);
            return;
        }

        SendNow(line, message);
    }

    private void SendNow(SlotLine line, HandoffMessage message)
    {
        if (message is Flush or FlushRecord)
        {
            WaitForSenders();
            int slot = message is Flush flush ? flush.Slot : ((FlushRecord)message).Slot;
            if (IsWaitedFor(line, slot))
            {
                // Behind the requests that wait in the connection: it goes when none of them is of the slot. Asked again, one is enough: the later says as much.
                int known = _flushes.FindIndex(one => one.Line == line && one.Slot == slot && IsSame(one.Message, message));
                if (known < 0)
                {
                    _flushes.Add((line, message, slot));
                }
                else
                {
                    _flushes[known] = (line, message, slot);
                }

                return;
            }
        }

        Put(line, message);
    }

    private void Forward(TimeSpan now, in MemberId to, CallRequest request)
    {
        if (FindLine(to) is not { } line)
        {
            if (!OutboxOf(to).TryAdd(request, now))
            {
                _held.Remove(request);
                request.Refuse(Refusal.Overloaded);
            }

            return;
        }

        MakeReady(line);
        if (request.IsArriving || _outboxes.ContainsKey(to))
        {
            // What is sent to there next lines up behind it, whoever sends it: senders find the line not ready, and come here.
            line.IsReady = false;
            if (!OutboxOf(to).TryAdd(request, now))
            {
                _held.Remove(request);
                request.Refuse(Refusal.Overloaded);
            }

            return;
        }

        _held.Remove(request);
        _passedByRecord += request.ByRecord ? 1 : 0;
        SlotLine? caller = Direct.DirectWays.IsToBeHinted(request) ? request.Call.Origin?.LayerState as SlotLine : null;
        ActorId id = request.Id;
        request.Forward(line.Connection);
        if (caller is not null)
        {
            Direct.DirectWays.Hint(now, caller, id, to);
        }
    }

    /// <summary>Says the view on it first, then all that waited for it, in order, up to a request whose arguments are still arriving here. From then on senders may use it.</summary>
    private void MakeReady(SlotLine line)
    {
        if (line.IsReady || _epoch == long.MinValue || !IsOfThisLife(line))
        {
            return;
        }

        AnnounceOn(line);

        if (_outboxes.TryGetValue(line.Member, out SlotOutbox? outbox))
        {
            TimeSpan since = _clock.Now - s_arriveWithin;
            while (!outbox.IsBlocked(since) && outbox.TryTake(out HandoffMessage? message, out CallRequest? request))
            {
                if (message is not null)
                {
                    SendNow(line, message);
                }
                else
                {
                    _held.Remove(request!);
                    request!.Forward(line.Connection);
                }
            }
        }

        if (outbox is { Count: > 0 })
        {
            return;
        }

        _outboxes.Remove(line.Member);
        line.IsReady = true;
    }

    private static void Put(SlotLine line, HandoffMessage message)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            HandoffWire.Encode(ref writer, message);
            line.Connection.PutOrdered(scratch.WrittenSpan);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private SlotOutbox OutboxOf(in MemberId to)
    {
        if (!_outboxes.TryGetValue(to, out SlotOutbox? outbox))
        {
            _outboxes.Add(to, outbox = new SlotOutbox());
        }

        return outbox;
    }

    /// <summary>Once for all that one input led to: states are changed before outputs are done.</summary>
    private void WaitForSenders()
    {
        if (!_hasWaitedForSenders || !_isDoing)
        {
            _hasWaitedForSenders = true;
            SendSections.WaitForAll();
        }
    }

    /// <summary>Whether the later of two of one slot makes the earlier needless. Not where each is of a way of its own.</summary>
    private static bool IsSame(HandoffMessage one, HandoffMessage other) => one.Equals(other)
        || (one is Flush { Token: < HandoffCore.LeaveTokens } flush && other is Flush { Token: < HandoffCore.LeaveTokens } again && flush.Origin == again.Origin && ReferenceEquals(flush.Types, again.Types));

    private bool IsWaitedFor(SlotLine line, int slot)
    {
        CollectWaiting(line);
        return _waitingSlots.Contains(slot);
    }

    private void CollectWaiting(SlotLine line)
    {
        _waitingSlots.Clear();
        if (line.Connection.WaitingCount != 0)
        {
            line.Connection.CollectWaiting(target =>
            {
                if (target.Id[0] == IdSpace.Actor)
                {
                    _waitingSlots.Add(Placement.SlotHash.SlotOf(target.Id));
                }
            });
        }
    }

    /// <summary>What waits for connections, and flushes that wait for requests.</summary>
    private void RetryLines(TimeSpan now)
    {
        if (_flushes.Count > 0)
        {
            ILookup<SlotLine, (SlotLine, HandoffMessage Message, int Slot)> waiting = _flushes.Where(static one => one.Line.Connection.State == Transport.Connections.ConnectionState.Open).ToLookup(static one => one.Line);
            _flushes.Clear();
            foreach (IGrouping<SlotLine, (SlotLine, HandoffMessage Message, int Slot)> ofLine in waiting)
            {
                CollectWaiting(ofLine.Key);
                foreach ((_, HandoffMessage flush, int slot) in ofLine)
                {
                    if (_waitingSlots.Contains(slot))
                    {
                        _flushes.Add((ofLine.Key, flush, slot));
                    }
                    else
                    {
                        Put(ofLine.Key, flush);
                    }
                }
            }
        }

        foreach ((MemberId member, SlotOutbox outbox) in _outboxes.ToArray())
        {
            if (FindLine(member) is { } line)
            {
                MakeReady(line);
                continue;
            }

            foreach (CallRequest late in outbox.TakeLate(now - _node.Options.WaitForHost, now))
            {
                _held.Remove(late);
                late.Refuse(late.Deadline <= now ? new Fault(FaultCode.Expired, "its time passed while its node was not connected") : new Fault(FaultCode.NotServing, $"the node {member.Peer.ToShortString()} that has the actor is not connected"));
            }

            if (outbox.Count == 0)
            {
                _outboxes.Remove(member);
            }
        }
    }

    private DeactivationReason EndReason => _node.Stopping.IsCancellationRequested ? DeactivationReason.ShuttingDown : DeactivationReason.Moved;

    private void EndGuest(TimeSpan now, HandoffCore core, in ActorId id)
    {
        if (_node.Activations.TryFind(id) is { } activation)
        {
            activation.AskToEnd(EndReason);
        }
        else
        {
            core.Ended(now, id, Placement.SlotHash.SlotOf(id), []); // It was placed here, and nobody has called it yet.
        }
    }
}
