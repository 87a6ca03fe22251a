using Kameo.Actors.Transport;

namespace Kameo.Actors.Placement;

/// <summary>A node that hosts actors.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Peer">How it is reached; null: it is this node.</param>
internal sealed record Host(PeerId Id, Peer? Peer)
{
    /// <summary>Whether it is this node.</summary>
    public bool IsLocal => Peer is null;

    /// <summary>What stands for it in <see cref="SlotHash.Score"/>.</summary>
    public ulong Hash { get; } = SlotHash.NodeHash(Id.ToByteArray());
}
