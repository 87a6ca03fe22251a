using System.Collections.Concurrent;
using System.Text;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Names.Clients;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Names;

/// <summary>Routes requests of <see cref="IdSpace.Name"/> to the slots of this node's names, and on to the clients that registered theirs through this node.</summary>
/// <param name="node">The node.</param>
internal sealed class NameRouter(TransportNode node) : RequestRouter
{
    private readonly ConcurrentDictionary<string, NameSlot> _slots = new(StringComparer.Ordinal);

    /// <summary>Makes one of two: a name gets a handler, or its slot is dropped.</summary>
    private readonly Lock _lock = new();

    /// <summary>Names of clients: bounded by what the registry takes of them.</summary>
    private readonly ConcurrentDictionary<string, ClientRoute> _clients = new(StringComparer.Ordinal);

    /// <summary>The slot that this thread's batch brought requests for; a loop stays on its thread for one batch.</summary>
    [ThreadStatic]
    private static NameSlot? t_slot;

    /// <summary>The requests for it.</summary>
    [ThreadStatic]
    private static InboxChain t_gathered;

    /// <summary>Names that have a slot: those registered here, and those whose last requests are still being handled.</summary>
    public int SlotCount => _slots.Count;

    /// <summary>A name is registered here: its requests go to a handler.</summary>
    public void Serve(string name, NameHandler handler)
    {
        lock (_lock)
        {
            _slots.GetOrAdd(name, static (name, node) => new NameSlot(name, node), node).Handler = handler;
        }
    }

    /// <summary>A name is registered here no more: requests that wait are refused, and when the last is done its slot is dropped.</summary>
    public void ServeNoMore(string name)
    {
        if (Find(name) is { } slot)
        {
            slot.Handler = null;
            slot.Schedule();
        }
    }

    /// <summary>A slot has no handler and nothing to do. Called by its run, so that no handler of it runs; what is still added to it is refused.</summary>
    public void Drop(NameSlot slot)
    {
        lock (_lock)
        {
            if (slot.Handler is null)
            {
                _slots.TryRemove(KeyValuePair.Create(slot.Name, slot));
            }
        }
    }

    /// <summary>The slot of a name that is registered here.</summary>
    public NameSlot? Find(string name) => _slots.GetValueOrDefault(name);

    /// <summary>Requests for this name go on to a client.</summary>
    public void PassOn(string name, Peer client) => _clients[name] = new ClientRoute(client, name);

    /// <summary>The client has the name no more.</summary>
    public void PassOnNoMore(string name) => _clients.TryRemove(name, out _);

    /// <inheritdoc/>
    /// <remarks>A client's name has no slot among those of this node: the connection that names it keeps one, as it keeps that of a name which is gone, and <see cref="Dispatch"/> looks whose it is by then.</remarks>
    public override object? ResolveTarget(Connection from, ReadOnlySpan<byte> id)
    {
        if (id.Length is <= 1 or > NameEntry.NameBytesMax + 1)
        {
            return null;
        }

        string name = Encoding.UTF8.GetString(id[1..]);
        return Find(name) ?? (_clients.ContainsKey(name) ? new NameSlot(name, node) : null);
    }

    /// <inheritdoc/>
    public override object? ResolveMethod(Connection from, ReadOnlySpan<byte> id) => null;

    /// <inheritdoc/>
    public override void Dispatch(ref InboundRequest request)
    {
        var slot = (NameSlot)request.Target;
        if (slot.Handler is null)
        {
            if (_clients.TryGetValue(slot.Name, out ClientRoute? client))
            {
                client.PassOn(node, ref request);
                return;
            }

            slot = Find(slot.Name) ?? slot; // It was a client's when the connection asked, or was gone since, and is this node's by now.
        }

        NameRequest made = NameRequest.Rent();
        made.TakeOver(slot.Name, ref request);
        if (t_slot is { } last && last != slot)
        {
            Deliver();
        }

        t_slot = slot;
        t_gathered.Add(made);
    }

    /// <inheritdoc/>
    public override void EndBatch(Connection from)
    {
        if (t_slot is not null)
        {
            Deliver();
        }
    }

    private static void Deliver()
    {
        NameSlot slot = t_slot!;
        t_slot = null;
        slot.Enqueue(t_gathered);
        t_gathered.Clear();
        slot.Schedule();
    }

    /// <inheritdoc/>
    /// <remarks>A handler that runs has no token to cancel: its answer is dropped by the caller's table. One that has not begun does not.</remarks>
    public override void Cancel(Connection from, ulong correlation) => from.NoteCancelled(correlation);
}
