using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Discovery.Seeds;

/// <summary>Where this node listens, to leave itself out of the addresses of a name that many nodes share. What it does not see, the handshake does.</summary>
/// <param name="listening">The bound address; null when the node does not listen.</param>
internal sealed class OwnAddresses(IPEndPoint? listening)
{
    private readonly Lazy<HashSet<IPAddress>> _local = new(Read);

    /// <summary>Whether a dial of this address would surely reach this node.</summary>
    public bool Contains(IPEndPoint address)
    {
        if (listening is null || address.Port != listening.Port)
        {
            return false;
        }

        bool isAny = listening.Address.Equals(IPAddress.Any) || listening.Address.Equals(IPAddress.IPv6Any);
        return listening.Address.Equals(address.Address) || (isAny && (IPAddress.IsLoopback(address.Address) || _local.Value.Contains(address.Address)));
    }

    private static HashSet<IPAddress> Read()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(static found => found.GetIPProperties().UnicastAddresses).Select(static found => found.Address)];
        }
        catch (Exception exception) when (exception is NetworkInformationException or SocketException or PlatformNotSupportedException)
        {
            return []; // Then the handshake tells.
        }
    }
}
