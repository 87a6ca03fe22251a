using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Interning, receiver's side: what the peer's numbers stand for. Used by the receive loop alone.</summary>
/// <remarks>Bounded by the limits this node stated in its hello; a peer that defines more, out of order or twice is closed with <see cref="CloseReason.TableOverrun"/>.</remarks>
/// <param name="idsMax">Most ids kept.</param>
/// <param name="bytesMax">Most bytes of ids kept.</param>
internal sealed class InboundIds(int idsMax, int bytesMax)
{
    private readonly List<InboundId> _entries = [];
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
        _entries.Add(new InboundId(id.ToArray()));
        return true;
    }

    /// <summary>What a number stands for; null when the peer has not defined it, or nothing here has that id now.</summary>
    public InboundId? Find(uint number, Connection from, bool isMethod)
    {
        if (number - 1 >= (uint)_entries.Count)
        {
            return null;
        }

        InboundId entry = _entries[(int)number - 1];
        return entry.Value is not null || entry.TryResolve(from, isMethod, number) ? entry : null;
    }

    /// <summary>Finds what an id stands for that came in full; null when there is nothing of that id.</summary>
    public static InboundId? Resolve(Connection from, ReadOnlySpan<byte> id, bool isMethod)
    {
        var entry = new InboundId(id.ToArray());
        return entry.TryResolve(from, isMethod, number: 0) ? entry : null;
    }
}
