using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Gate;

/// <summary>What is known of one connection that carries requests between slots.</summary>
/// <param name="connection">The connection.</param>
/// <param name="member">With whom: a peer in one life.</param>
/// <param name="epoch">The view that the other end is known to have installed.</param>
internal sealed class SlotLine(Connection connection, MemberId member, long epoch) : IDirectLine
{
    private long _peerEpoch = epoch;

    /// <summary>The connection.</summary>
    public Connection Connection => connection;

    /// <summary>With whom.</summary>
    public MemberId Member => member;

    /// <summary>The view that the other end had installed when it sent what is being received. Written and read by the receive loop.</summary>
    public long PeerEpoch
    {
        get => Volatile.Read(ref _peerEpoch);
        set => Volatile.Write(ref _peerEpoch, value);
    }

    /// <inheritdoc/>
    public ActorId HintedOf { get; set; }

    /// <inheritdoc/>
    public TimeSpan HintedAt { get; set; }

    /// <summary>Whether a view was announced on it, so that each that is installed is. Under the gate.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>Whether the installed view was announced on it and all that waited for it was sent: senders may use it. Written under the gate.</summary>
    public volatile bool IsReady;

    /// <inheritdoc/>
    public void Put(in DirectNote note) => connection.PutOrdered(note.Encode());
}
