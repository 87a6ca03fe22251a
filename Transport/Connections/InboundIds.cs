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

/// <summary>An id of a peer, and what it stands for here. Used by the receive loop alone.</summary>
/// <param name="id">The id.</param>
internal sealed class InboundId(byte[] id)
{
    /// <summary>Who understands its space; null when nobody does.</summary>
    public RequestRouter? Router { get; private set; }

    /// <summary>The router's object; null when there is nothing of that id.</summary>
    public object? Value { get; private set; }

    /// <summary>What a numbered target holds of the window; null for a method, or an id that came in full.</summary>
    public TargetLoad? Load { get; private set; }

    /// <summary>Looks what it stands for now.</summary>
    /// <param name="from">Whose id it is.</param>
    /// <param name="isMethod">Whether it is a method; else a target.</param>
    /// <param name="number">Its number there; 0 for none.</param>
    public bool TryResolve(Connection from, bool isMethod, uint number)
    {
        Router = id.Length == 0 ? null : from.Node.RouterOf(id[0]);
        Value = isMethod ? Router?.ResolveMethod(from, id) : Router?.ResolveTarget(from, id);
        if (!isMethod && number != 0)
        {
            Load ??= new TargetLoad(from, number);
        }

        return Value is not null;
    }
}
