using System.Net;
using System.Net.NetworkInformation;
using Kameo.Actors.Transport.Discovery.Mdns;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kameo.Actors.Transport.Discovery;

/// <summary>How a <see cref="MulticastDns"/> runs.</summary>
internal sealed class MulticastDnsOptions
{
    /// <summary>The clock of all timers. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Source of random delays, used under a lock. Default: one of its own.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Where to log. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The address that the announced service listens on. Null (the default) and <see cref="IPAddress.IPv6Any"/> announce every address of a link on
    /// that link, <see cref="IPAddress.Any"/> its IPv4 addresses, any other only itself, on the link that has it.</summary>
    public IPAddress? ListeningAddress { get; init; }

    /// <summary>Which interfaces take part. Default: all that are up and have an address, the first <see cref="MdnsLimits.LinksMax"/> of them.</summary>
    public Func<NetworkInterface, bool> Interfaces { get; init; } = static _ => true;

    /// <summary>The UDP port. Default: 5353. Nodes on another port are alone with each other.</summary>
    public int Port { get; init; } = MdnsLimits.Port;

    /// <summary>How often interfaces are looked at although the system reported no change, once the first three seconds are over; in those, every 100 ms. Default: 10 seconds.</summary>
    public TimeSpan RescanInterval { get; init; } = TimeSpan.FromSeconds(10);
}
