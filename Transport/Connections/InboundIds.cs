using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Interning, receiver's side: what the peer's numbers stand for. Used by the receive loop alone.</summary>
/// <remarks>Bounded by the limits this node stated in its hello; a peer that defines more, out of order or twice is closed with <see cref="CloseReason.TableOverrun"/>.</remarks>
/// <param name="idsMax">Most ids kept.</param>
/// <param name="bytesMax">Most bytes of ids kept.</param>
internal sealed class InboundIds(int idsMax, int bytesMax)
{
    private readonly List<Entry> _entries = [];
    private int _bytes;

    /// <summary>Takes a define frame.</summary>
    /// <returns>False when it breaks the rules.</returns>
    public bool TryDefine(uint number, ReadOnlySpan<byte> id)
    {
        if (number != (uint)_entries.Count + 1 || _entries.Count >= idsMax || id.Length is 0 or > WireId.BytesMax || _bytes + id.Length > bytesMax)
        {
            return false;
        }

        _bytes += id.Length;
        _entries.Add(new Entry(id.ToArray(), default, null));
        return true;
    }

    /// <summary>What a number stands for; nothing when the peer has not defined it, or nothing here has that id now.</summary>
    public ResolvedId Find(uint number, Connection from, bool isMethod)
    {
        if (number - 1 >= (uint)_entries.Count)
        {
            return default;
        }

        Entry entry = _entries[(int)number - 1];
        if (entry.Resolved.Value is not null)
        {
            return entry.Resolved;
        }

        TargetLoad? load = isMethod ? null : entry.Load ?? new TargetLoad(from, number);
        ResolvedId resolved = Resolve(from, entry.Id, isMethod) with { Load = load };
        _entries[(int)number - 1] = new Entry(entry.Id, resolved, load);
        return resolved;
    }

    /// <summary>Finds what an id stands for.</summary>
    public static ResolvedId Resolve(Connection from, ReadOnlySpan<byte> id, bool isMethod)
    {
        RequestRouter? router = id.IsEmpty ? null : from.Node.RouterOf(id[0]);
        return router is null ? default : new ResolvedId(router, isMethod ? router.ResolveMethod(from, id) : router.ResolveTarget(from, id));
    }

    private readonly record struct Entry(byte[] Id, ResolvedId Resolved, TargetLoad? Load);
}

/// <summary>What an id stands for.</summary>
/// <param name="Router">Who understands its space; null when nobody does.</param>
/// <param name="Value">The router's object; null when there is nothing of that id.</param>
internal readonly record struct ResolvedId(RequestRouter? Router, object? Value)
{
    /// <summary>What a numbered target holds of the window; null for a method, or an id that came in full.</summary>
    public TargetLoad? Load { get; init; }
}
