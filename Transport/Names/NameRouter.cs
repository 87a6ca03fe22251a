using System.Collections.Concurrent;
using System.Text;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Names;

/// <summary>Routes requests of <see cref="IdSpace.Name"/> to the slots of this node's names.</summary>
/// <param name="node">The node.</param>
internal sealed class NameRouter(TransportNode node) : RequestRouter
{
    private readonly ConcurrentDictionary<string, NameSlot> _slots = new(StringComparer.Ordinal);

    /// <summary>Slots touched since the receive loop of this thread began its batch; a loop stays on its thread for one batch.</summary>
    [ThreadStatic]
    private static List<NameSlot>? t_touched;

    /// <summary>The slot of a name, made at its first registration.</summary>
    public NameSlot SlotOf(string name) => _slots.GetOrAdd(name, static (name, node) => new NameSlot(name, node), node);

    /// <summary>The slot of a name that is or was registered.</summary>
    public NameSlot? Find(string name) => _slots.GetValueOrDefault(name);

    /// <inheritdoc/>
    public override object? ResolveTarget(Connection from, ReadOnlySpan<byte> id) =>
        id.Length is > 1 and <= NameEntry.NameBytesMax + 1 ? Find(Encoding.UTF8.GetString(id[1..])) : null;

    /// <inheritdoc/>
    public override object? ResolveMethod(Connection from, ReadOnlySpan<byte> id) => null;

    /// <inheritdoc/>
    public override void Dispatch(ref InboundRequest request)
    {
        var slot = (NameSlot)request.Target;
        NameRequest made = NameRequest.Rent();
        made.TakeOver(slot.Name, ref request);
        slot.Enqueue(made);
        List<NameSlot> touched = t_touched ??= [];
        if (touched.Count == 0 || touched[^1] != slot)
        {
            touched.Add(slot);
        }
    }

    /// <inheritdoc/>
    public override void EndBatch(Connection from)
    {
        if (t_touched is { Count: > 0 } touched)
        {
            foreach (NameSlot slot in touched)
            {
                slot.Schedule();
            }

            touched.Clear();
        }
    }

    /// <inheritdoc/>
    public override void Cancel(Connection from, ulong correlation)
    {
        // A handler of bytes has no token to cancel: its answer is dropped by the caller's table.
    }
}
