namespace Kameo.Actors.Transport.Tls;

/// <summary>What a connection is for, said by its ALPN name: one pair of nodes has at most one connection of each that lasts.</summary>
internal enum Lane : byte
{
    /// <summary>Requests, replies, streams, gossip: <c>kameo/1</c>.</summary>
    Data,

    /// <summary>Detection, agreement and leases, on a thread of their own at both ends: <c>kameo-control/1</c>.</summary>
    Control,
}
