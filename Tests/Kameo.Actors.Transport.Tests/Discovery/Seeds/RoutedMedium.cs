using System.Collections.Concurrent;
using System.Net;
using Kameo.Actors.Transport.Links;

namespace Kameo.Actors.Transport.Tests.Discovery.Seeds;

/// <summary>A network in memory on which any address can be given to any node, and taken away. Counts who is dialled.</summary>
internal sealed class RoutedMedium : ILinkMedium
{
    public const int Port = 4711;

    private readonly MemoryMedium _memory = new();
    private readonly ConcurrentDictionary<string, int> _portOf = new();
    private readonly ConcurrentDictionary<string, int> _dials = new();

    /// <summary>Has an address lead to a node.</summary>
    public void Route(string address, TransportNode node) => _portOf[address] = node.LocalEndPoint!.Port;

    public void Unroute(string address) => _portOf.TryRemove(address, out _);

    /// <summary>How often an address was dialled.</summary>
    public int DialCount(string address) => _dials.GetValueOrDefault(address);

    public ILinkListener Listen(EndPoint address, Action<ILink> accepted) => _memory.Listen(address, accepted);

    public Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation)
    {
        var dialled = Assert.IsType<IPEndPoint>(address);
        string host = dialled.Address.ToString();
        _dials.AddOrUpdate(host, 1, static (_, count) => count + 1);
        return _portOf.TryGetValue(host, out int port) && dialled.Port == Port
            ? _memory.DialAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation)
            : throw new TransportException(CloseReason.Unreachable, $"Cannot reach {address}: nobody is there.");
    }
}
