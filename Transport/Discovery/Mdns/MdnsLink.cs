using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>An interface on which multicast DNS is spoken, with both its address families. Immutable.</summary>
/// <param name="Index">The interface's index, which is also the scope id of its link-local addresses.</param>
/// <param name="Name">For logs.</param>
/// <param name="IsLoopback">Whether it only reaches this machine.</param>
/// <param name="Networks">Its own addresses, each with the length of its prefix.</param>
internal sealed record MdnsLink(int Index, string Name, bool IsLoopback, IReadOnlyList<LinkAddress> Networks)
{
    /// <summary>Whether the same addresses are on the same interface.</summary>
    public bool SameAs(MdnsLink other) => Index == other.Index && IsLoopback == other.IsLoopback && Networks.SequenceEqual(other.Networks);

    /// <summary>Whether an address is of one of the link's networks, or link-local, and hence not routed (RFC 6762, 11).</summary>
    public bool IsOnLink(IPAddress address) =>
        address.IsIPv6LinkLocal || (IsLoopback && IPAddress.IsLoopback(address)) || Networks.Any(network => network.Contains(address));
}

/// <summary>One address of an interface.</summary>
/// <param name="Address">The address; link-local ones without scope.</param>
/// <param name="PrefixBits">How many leading bits are its network.</param>
internal readonly record struct LinkAddress(IPAddress Address, int PrefixBits)
{
    /// <summary>Whether another address has the same network.</summary>
    public bool Contains(IPAddress other)
    {
        if (other.AddressFamily != Address.AddressFamily)
            return false;
        int hostBits = (Address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) - PrefixBits;
        return hostBits >= 0 && ToNumber(Address) >> hostBits == ToNumber(other) >> hostBits;
    }

    private static System.Numerics.BigInteger ToNumber(IPAddress address) => new(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true);
}

/// <summary>Where a packet came from.</summary>
/// <param name="LinkIndex">The interface it arrived on.</param>
/// <param name="EndPoint">Its sender.</param>
/// <param name="ToGroup">Whether it was sent to the multicast group, not to one of our addresses.</param>
/// <param name="OneShot">Whether it came to the socket of our one-shot queries.</param>
internal readonly record struct MdnsSource(int LinkIndex, IPEndPoint EndPoint, bool ToGroup, bool OneShot = false);

/// <summary>A packet to be sent.</summary>
/// <param name="LinkIndex">The interface to send it on.</param>
/// <param name="Destination">Whom to; null for the group, in every address family of the link.</param>
/// <param name="OneShot">Whether it goes out of the socket of one-shot queries.</param>
/// <param name="Bytes">Its contents, owned by the taker.</param>
internal sealed record MdnsPacket(int LinkIndex, IPEndPoint? Destination, bool OneShot, byte[] Bytes);
