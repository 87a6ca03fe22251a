using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Asks;

/// <summary>
/// The payload of a reply or fault frame, in its receive slab or in memory of its own, and the ask's place in the pending table, which is free again only when the payload has been read. Released
/// exactly once by whoever completes the ask; a second release does nothing.
/// </summary>
internal struct ReplyHold
{
    private readonly Connection? _connection;
    private readonly ulong _correlation;
    private object? _owner;
    private ReadOnlyMemory<byte> _payload;

    /// <summary>An answer that came over a connection: takes over a reference to its slab, or a gathered payload; null for memory that needs no release.</summary>
    /// <param name="connection">Where it came from.</param>
    /// <param name="correlation">What it carried.</param>
    /// <param name="owner">A <see cref="Slab"/>, a <see cref="GatheredPayload"/> or null.</param>
    /// <param name="payload">The payload.</param>
    public ReplyHold(Connection connection, ulong correlation, object? owner, ReadOnlyMemory<byte> payload)
    {
        _connection = connection;
        _correlation = correlation;
        _owner = owner;
        _payload = payload;
    }

    /// <summary>Keeps memory of this node that needs no release.</summary>
    public ReplyHold(ReadOnlyMemory<byte> payload) => _payload = payload;

    /// <summary>The payload; valid until <see cref="Release"/>.</summary>
    public readonly ReadOnlyMemory<byte> Payload => _payload;

    /// <summary>What the payload is in; whoever keeps a part of it retains. Null if it has no holders. Valid until <see cref="Release"/>.</summary>
    public readonly ICountedBytes? Bytes => _owner is GatheredPayload gathered ? gathered.Block : _owner as Slab;

    /// <summary>Gives the memory back, and then the place.</summary>
    public void Release()
    {
        object? owner = _owner;
        Connection? connection = _connection;
        ulong correlation = _correlation;
        this = default;
        if (owner is Slab slab)
        {
            slab.Release();
        }
        else if (owner is GatheredPayload gathered)
        {
            gathered.Dispose();
        }

        connection?.OnReplyRead(correlation);
    }
}
