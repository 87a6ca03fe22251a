using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Kameo.Actors.Transport;

/// <summary>Addresses as people write them: <c>HOST:PORT</c>, <c>1.2.3.4:5</c>, <c>[::1]:5</c>.</summary>
public static class AddressText
{
    /// <summary>Reads an address; a host that is no IP address stays a name, resolved at each dial.</summary>
    /// <returns>False when it has no port, a port out of 1-65535, or no host.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EndPoint? address)
    {
        address = null;
        int colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            return false;
        }

        string host = text![..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            if (!IPAddress.TryParse(host.AsSpan(1, host.Length - 2), out IPAddress? v6))
            {
                return false;
            }

            address = new IPEndPoint(v6, port);
            return true;
        }

        if (IPAddress.TryParse(host, out IPAddress? ip))
        {
            address = ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? new IPEndPoint(ip, port) : null;
            return address is not null;
        }

        if (Uri.CheckHostName(host) != UriHostNameType.Dns)
        {
            return false;
        }

        address = new DnsEndPoint(host, port);
        return true;
    }

    /// <summary>Writes an address so that <see cref="TryParse"/> reads it.</summary>
    public static string Of(EndPoint address) => address is DnsEndPoint name ? $"{name.Host}:{name.Port}" : address.ToString()!;
}
