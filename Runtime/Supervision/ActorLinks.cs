using Kameo.Actors.Activations;
using Kameo.Actors.Catalog;
using Kameo.Actors.Errors;
using Kameo.Actors.Placement;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Supervision;

/// <summary>Makes links between this node's actors and others, and sends the notices when one dies. Thread safe.</summary>
/// <remarks>
/// Each end is in the <see cref="LinkTable"/> of its own actor's node, so a death needs no look-up, and a lost node is noticed where the survivors are. Messages between nodes have an id space of their own
/// (<see cref="LinkRouter"/>): they meet no mailbox and activate nobody; only a notice does, as a turn. Whoever takes an end out of the table delivers its notice, so there is at most one.
/// </remarks>
/// <param name="node">The node.</param>
internal sealed class ActorLinks(ActorNode node)
{
    private static readonly OutboundTarget s_target = new([IdSpace.ActorLink, 0]);

    /// <summary>Longest text of an exception that goes with a notice: the whole fits any frame.</summary>
    private const int TextLengthMax = 1024;

    /// <summary>Most bytes of an exception's members that a message holds; one that has more arrives as text.</summary>
    private const int DataBytesMax = 1024;

    private readonly LinkTable _table = new(node.Options.LinksMax);

    /// <summary>How many ends of links this node has.</summary>
    public int Count => _table.Count;

    /// <summary>Links an actor of this node with another.</summary>
    public async ValueTask LinkAsync(ActorId own, ActorId other, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (IsRecorded(own) || IsRecorded(other))
        {
            throw NotByRecord((IsRecorded(own) ? own : other).ClassName);
        }

        ActorRoute route = ActorRoute.Find(node.Hosts.Current, other) ?? throw new NodeUnreachableException(CallOutcome.NotRun, other, null, $"{other} was not linked: no node that is known hosts its class.");
        if (route.Host.Peer is { } peer)
        {
            await LinkAsync(own, other, peer, cancellation).ConfigureAwait(false);
        }
        else if (_table.AddBoth(own, other) is { } full)
        {
            throw Full(full, full == own ? other : own);
        }
    }

    private async ValueTask LinkAsync(ActorId own, ActorId other, Peer peer, CancellationToken cancellation)
    {
        LinkOutcome outcome = _table.Add(own, other, peer.Id);
        if (outcome == LinkOutcome.Full)
        {
            throw Full(own, other);
        }

        try
        {
            await AskAsync(peer, new LinkMessage(LinkMessageKind.Link, own, other), cancellation).ConfigureAwait(false);
        }
        catch
        {
            if (outcome == LinkOutcome.Added)
            {
                await UnlinkAsync(own, other).ConfigureAwait(false);
            }

            throw;
        }

        if (!peer.IsConnected)
        {
            OnNodeLost(peer.Id); // Before the answer was here, perhaps: then nobody looks for the link any more.
        }
        else if (!_table.Has(own, other, peer.Id))
        {
            await TellAsync(peer.Id, new LinkMessage(LinkMessageKind.Unlink, own, other)).ConfigureAwait(false); // This actor died meanwhile, and its notice may have been there before the link was.
        }
    }

    /// <summary>Takes a link of an actor of this node back.</summary>
    public ValueTask UnlinkAsync(ActorId own, ActorId other)
    {
        if (!_table.Remove(own, other, out PeerId? at))
        {
            return ValueTask.CompletedTask;
        }

        return at is { } peer ? TellAsync(peer, new LinkMessage(LinkMessageKind.Unlink, own, other)) : ValueTask.CompletedTask;
    }

    /// <summary>An actor of this node has ended; in its executor.</summary>
    public void OnEnded(ActorId own, DeactivationReason reason, Exception? why)
    {
        if (_table.Count == 0 || reason is DeactivationReason.Idle or DeactivationReason.MemoryPressure)
        {
            return; // The link outlives being collected.
        }

        Fault? fault = why is null ? null : Short(CalleeFault.Of(FaultCode.Exception, why));
        foreach ((ActorId other, PeerId? at) in _table.TakeAll(own))
        {
            var died = new LinkMessage(LinkMessageKind.Died, own, other, reason, fault);
            if (at is { } peer)
            {
                _ = TellAsync(peer, died).AsTask();
            }
            else
            {
                Notify(died, null);
            }
        }
    }

    /// <summary>
    /// A view gave slots to other nodes, or all of its slots are where they belong: actors of this node whose place is elsewhere now have moved, and thereby died. One that is in memory says so itself when it ends; this is for
    /// those that were collected, whose links would go on here while they are somebody else's. Any thread.
    /// </summary>
    public void OnPlacesChanged()
    {
        if (_table.Count != 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static links => links.EndMoved(), this, preferLocal: false);
        }
    }

    /// <summary>An incarnation of this node is over, and with it all of its actors. Those of other nodes hear of it by the end of the connection. Any thread.</summary>
    public void OnLifeEnded() => _table.Clear();

    /// <summary>The connection to a node ended: its actors are dead, or out of reach.</summary>
    public void OnNodeLost(PeerId peer)
    {
        if (_table.Count == 0)
        {
            return;
        }

        foreach ((ActorId own, ActorId other) in _table.TakeAllTo(peer))
        {
            Notify(new LinkMessage(LinkMessageKind.Died, other, own, DeactivationReason.NodeLost), peer);
        }
    }

    /// <summary>Another node links its actor with one of this node.</summary>
    /// <returns>Why not; null: it is noted.</returns>
    public Fault? Accept(in LinkMessage message, Peer from)
    {
        if (ActorCatalog.FindClass(message.To.ClassName) is null || ActorRoute.Find(node.Hosts.Current, message.To) is not { Host.IsLocal: true })
        {
            return new Fault(FaultCode.NotServing, "the node that was asked does not have the actor");
        }

        if (IsRecorded(message.To))
        {
            return Fault.Of(FaultCode.Exception, NotByRecord(message.To.ClassName)); // The other node may not know the class.
        }

        if (_table.Add(message.To, message.From, from.Id) == LinkOutcome.Full)
        {
            return new Fault(FaultCode.Overloaded, "it, or its node, has as many links as it may have");
        }

        if (!from.IsConnected)
        {
            OnNodeLost(from.Id); // Its end was noticed before the link was here.
        }

        return null;
    }

    /// <summary>Another node takes a link back.</summary>
    public void Forget(in LinkMessage message, PeerId from) => _table.Remove(message.To, message.From, from);

    /// <summary>An actor of another node died that may be linked with one of this node.</summary>
    /// <param name="message">Who died, and who is to hear of it.</param>
    /// <param name="from">On which node it was.</param>
    public void Deliver(in LinkMessage message, PeerId from)
    {
        if (_table.Remove(message.To, message.From, from))
        {
            Notify(message, from);
        }
    }

    private void EndMoved()
    {
        Hosts hosts = node.Hosts.Current;
        foreach (ActorId own in _table.Owners())
        {
            if (ActorRoute.Find(hosts, own) is { Host.IsLocal: false } && node.Activations.TryFind(own) is null)
            {
                OnEnded(own, DeactivationReason.Moved, null);
            }
        }
    }

    /// <summary>Whether an actor is where the owner of its slot has it on record. The node of an end is found by the slot, so nobody would hear of the death of such an actor.</summary>
    private bool IsRecorded(in ActorId id) => node.Slots?.PlacementOf(id.ClassName).IsRecorded == true;

    private static NotSupportedException NotByRecord(string className) => new($"Actors of the class {className} are placed by choice, and cannot be linked: only those whose place is computed from their key can.");

    private OverloadedException Full(ActorId full, ActorId other) =>
        new(full, null, $"{full} and {other} were not linked: {full} has {Actor.LinksMax} links, or its node {node.Options.LinksMax} ends of links.");

    private void Notify(in LinkMessage message, PeerId? from)
    {
        var notice = new LinkNotice(message.From, from, message.Reason, message.Why)
        {
            Node = node,
            Target = message.To,
            IsTell = true,
            DeadlineMilliseconds = long.MaxValue,
        };
        notice.HeldBy(1);
        Activation? activation = null;
        if (ActorCatalog.FindClass(message.To.ClassName) is not null && node.Activations.TryDeliver(notice, ref activation, out _))
        {
            activation!.Schedule();
        }
    }

    private async Task AskAsync(Peer peer, LinkMessage message, CancellationToken cancellation)
    {
        var ask = new LinkAsk(message.To, peer.Id);
        if (peer.Connection is not { } connection)
        {
            throw new NodeUnreachableException(CallOutcome.NotRun, message.To, peer.Id, $"{message.To} was not linked: its node is not connected.");
        }

        Send(message, bytes => connection.Ask(ask, s_target, null, new RequestOptions(node.Clock.After(node.AskTimeout)), bytes));
        await ask.Noted.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private async ValueTask TellAsync(PeerId to, LinkMessage message)
    {
        try
        {
            if (node.Transport.FindPeer(to)?.Connection is not { } connection)
            {
                return; // The other end has noticed that by itself.
            }

            ValueTask sent = default;
            Send(message, bytes => sent = connection.Tell(s_target, null, new RequestOptions(node.Clock.After(node.TellTimeout)), bytes));
            await sent.ConfigureAwait(false);
        }
        catch (TransportException exception)
        {
            node.CountLostTell(FaultCode.Unreachable);
            LifeLog.MessageLost(node.Logger, exception, message.From.ToString(), message.To.ToString());
        }
    }

    private static void Send(in LinkMessage message, SpanAction send)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            message.Encode(ref writer);
            send(scratch.WrittenSpan);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    /// <summary>As much of it as a message may hold: what it came of is left out, and what it holds if that is long.</summary>
    private static Fault Short(in Fault fault) =>
        new(fault.Code, Cut(fault.TypeName), Cut(fault.Message), Cut(fault.StackTrace)) { Data = fault.Data.Length <= DataBytesMax ? fault.Data : default };

    private static string Cut(string text) => text.Length <= TextLengthMax ? text : text[..TextLengthMax];

    private delegate void SpanAction(ReadOnlySpan<byte> bytes);
}
