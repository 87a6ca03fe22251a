using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Samples.PingPong;

/// <summary>Where a server can be reached: the addresses a client may be given.</summary>
internal static class ReachableAddresses
{
    /// <summary>The advertised address first, then those of the network interfaces it is bound to, loopback last.</summary>
    public static IReadOnlyList<string> Of(IPEndPoint bound, string? advertised)
    {
        var addresses = new List<string>();
        if (advertised is not null)
        {
            addresses.Add(advertised);
        }

        bool isAny = bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any);
        IEnumerable<IPAddress> own = isAny ? OfInterfaces(bound.AddressFamily) : [bound.Address];
        addresses.AddRange(own.Select(address => new IPEndPoint(address, bound.Port).ToString()));
        return addresses;
    }

    private static IEnumerable<IPAddress> OfInterfaces(AddressFamily family) =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(static link => link.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(static link => link.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .Where(address => address.AddressFamily == family && !address.IsIPv6LinkLocal)
            .OrderBy(static address => IPAddress.IsLoopback(address));
}
