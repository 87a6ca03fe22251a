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
    public bool TryDefine(uint number, ReadOnlySpan<byte> id, Connection from, bool isMethod)
    {
        if (number != (uint)_entries.Count + 1 || _entries.Count >= idsMax || id.Length is 0 or > WireId.BytesMax || _bytes + id.Length > bytesMax)
        {
            return false;
        }

        _bytes += id.Length;
        _entries.Add(new Entry(id.ToArray(), Resolve(from, id, isMethod)));
        return true;
    }

    /// <summary>Whether the peer has defined the number.</summary>
    public bool IsDefined(uint number) => number - 1 < (uint)_entries.Count;

    /// <summary>What a defined number stands for, or null when nothing here has that id now.</summary>
    public object? Find(uint number, Connection from, bool isMethod)
    {
        Entry entry = _entries[(int)number - 1];
        return entry.Resolved ?? ResolveAgain(number, entry, from, isMethod);
    }

    /// <summary>The id behind a defined number.</summary>
    public ReadOnlySpan<byte> IdOf(uint number) => _entries[(int)number - 1].Id;

    /// <summary>Finds what an id stands for.</summary>
    public static object? Resolve(Connection from, ReadOnlySpan<byte> id, bool isMethod)
    {
        RequestRouter? router = from.Node.RouterOf(id[0]);
        return router is null ? null : isMethod ? router.ResolveMethod(from, id) : router.ResolveTarget(from, id);
    }

    private object? ResolveAgain(uint number, in Entry entry, Connection from, bool isMethod)
    {
        object? resolved = Resolve(from, entry.Id, isMethod);
        if (resolved is not null)
        {
            _entries[(int)number - 1] = entry with { Resolved = resolved };
        }

        return resolved;
    }

    private readonly record struct Entry(byte[] Id, object? Resolved);
}
