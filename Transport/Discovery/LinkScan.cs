using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Kameo.Actors.Transport.Discovery.Mdns;

namespace Kameo.Actors.Transport.Discovery;

/// <summary>Reads the interfaces of this machine.</summary>
internal static class LinkScan
{
    /// <summary>The links to speak on: interfaces that are up and have an address. Loopback comes first, then those with a gateway.</summary>
    /// <remarks><see cref="NetworkInterface.SupportsMulticast"/> is not asked: .NET denies it for loopback on Linux, where it works.</remarks>
    public static List<MdnsLink> Read(Func<NetworkInterface, bool> wanted)
    {
        List<(MdnsLink Link, bool HasGateway)> links = [];
        foreach (NetworkInterface candidate in ReadInterfaces())
        {
            // Linux says "unknown" of loopback and tunnels.
            if (candidate.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown) || !wanted(candidate))
                continue;
            IPInterfaceProperties properties = candidate.GetIPProperties();
            LinkAddress[] addresses = [.. properties.UnicastAddresses.Select(Unscoped)];
            if (addresses.Length == 0 || IndexOf(properties) is not { } index)
                continue;
            bool isLoopback = candidate.NetworkInterfaceType == NetworkInterfaceType.Loopback;
            if (isLoopback)
                addresses = [.. addresses.Where(own => own.Address.Equals(IPAddress.Loopback) || own.Address.Equals(IPAddress.IPv6Loopback))];
            links.Add((new MdnsLink(index, candidate.Name, isLoopback, addresses), HasGateway(properties)));
        }
        return [.. links.OrderByDescending(found => found.Link.IsLoopback).ThenByDescending(found => found.HasGateway)
            .ThenBy(found => found.Link.Index).Select(found => found.Link).DistinctBy(link => link.Index)];
    }

    private static NetworkInterface[] ReadInterfaces()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces();
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    private static LinkAddress Unscoped(UnicastIPAddressInformation found)
    {
        IPAddress address = found.Address.AddressFamily == AddressFamily.InterNetworkV6 && found.Address.ScopeId != 0
            ? new IPAddress(found.Address.GetAddressBytes())
            : found.Address;
        return new LinkAddress(address, found.PrefixLength);
    }

    private static int? IndexOf(IPInterfaceProperties properties)
    {
        foreach (Func<int> read in (ReadOnlySpan<Func<int>>)[() => properties.GetIPv4Properties().Index, () => properties.GetIPv6Properties().Index])
        {
            try
            {
                if (read() is > 0 and int index)
                    return index;
            }
            catch (NetworkInformationException)
            {
                // The interface does not have this address family.
            }
        }
        return null;
    }

    private static bool HasGateway(IPInterfaceProperties properties)
    {
        try
        {
            return properties.GatewayAddresses.Count > 0;
        }
        catch (Exception failure) when (failure is NetworkInformationException or PlatformNotSupportedException)
        {
            return false;
        }
    }
}
