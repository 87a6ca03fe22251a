using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Interning, sender's side: ids of one sort that this connection has numbered, in the order their define frames went into its ring.</summary>
/// <remarks>
/// A number may be used only after its define frame was published in the same ring: whoever claims later is behind it on the wire. Numbers are given out
/// under the lock together with the define frame, so they rise by one in wire order. The lock is taken once for each id, never for each message.
/// When the peer's limits are reached ids travel inline for good.
/// </remarks>
/// <param name="connection">The connection.</param>
/// <param name="isMethod">Whether these are methods; else targets.</param>
internal sealed class OutboundIds(Connection connection, bool isMethod)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<byte[], IdBinding> _bindings = new(IdComparer.Instance);
    private readonly List<IdBinding> _byNumber = [];
    private int _idsMax;
    private int _bytesLeft;

    /// <summary>Takes the limits of the peer's hello.</summary>
    public void Open(int idsMax, int bytesMax)
    {
        _idsMax = idsMax;
        _bytesLeft = bytesMax;
    }

    /// <summary>The number that an id has for good; 0 if it has none, or is yet to be looked up. A glance, without a lock.</summary>
    public uint NumberAtHand(WireId id) => id.Binding is { IsFinal: true } binding && binding.Connection == connection ? binding.Number : 0;

    /// <summary>The number to write for an id, or 0 to write the id itself.</summary>
    public uint NumberOf(WireId id)
    {
        IdBinding? binding = id.Binding;
        if (binding is not null && binding.Connection == connection && binding.IsFinal)
        {
            return binding.Number;
        }

        return Bind(id, isFirstUse: binding is null || binding.Connection != connection);
    }

    /// <summary>What has a number; null for none.</summary>
    public IdBinding? Find(uint number)
    {
        lock (_lock)
        {
            return number - 1 < (uint)_byNumber.Count ? _byNumber[(int)number - 1] : null;
        }
    }

    private uint Bind(WireId id, bool isFirstUse)
    {
        lock (_lock)
        {
            if (_bindings.TryGetValue(id.Id, out IdBinding? known))
            {
                id.Binding = known;
                return known.Number;
            }

            if (isFirstUse && !isMethod)
            {
                // Used once it may never be used again: the second use pays for the define frame.
                id.Binding = new IdBinding(connection, 0, isFinal: false);
                return 0;
            }

            if (_bindings.Count >= _idsMax || _bytesLeft < id.Id.Length)
            {
                id.Binding = new IdBinding(connection, 0, isFinal: true);
                return 0;
            }

            uint number = (uint)_bindings.Count + 1;
            if (!connection.TryDefine(number, isMethod, id.Id))
            {
                return 0; // The ring is full just now; a later use tries again.
            }

            _bytesLeft -= id.Id.Length;
            var binding = new IdBinding(connection, number, isFinal: true);
            _bindings.Add(id.Id, binding);
            _byNumber.Add(binding);
            id.Binding = binding;
            return number;
        }
    }
}
