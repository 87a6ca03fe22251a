using System.Collections.Concurrent;
using System.Net;

namespace Kameo.Actors.Transport.Links;

/// <summary>A network in memory: links between nodes of one process, without sockets, through the same TLS and frames. For tests.</summary>
/// <remarks>An address is an <see cref="IPEndPoint"/> whose address is ignored: a port, 0 for the next free one. Bytes arrive in order on pool threads; nothing is lost.</remarks>
internal sealed class MemoryMedium : ILinkMedium
{
    private readonly ConcurrentDictionary<int, Action<ILink>> _listeners = new();
    private int _nextPort = 1000;

    /// <inheritdoc/>
    public ILinkListener Listen(EndPoint address, Action<ILink> accepted)
    {
        int port = ((IPEndPoint)address).Port;
        port = port == 0 ? Interlocked.Increment(ref _nextPort) : port;
        if (!_listeners.TryAdd(port, accepted))
        {
            throw new TransportException(CloseReason.Unreachable, $"Cannot listen on {address}: the port is in use.");
        }

        return new Listener(this, new IPEndPoint(((IPEndPoint)address).Address, port));
    }

    /// <inheritdoc/>
    public Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (address is not IPEndPoint { Port: int port } || !_listeners.TryGetValue(port, out Action<ILink>? accepted))
        {
            throw new TransportException(CloseReason.Unreachable, $"Cannot reach {AddressText.Of(address)}: connection refused.");
        }

        var here = new MemoryLink(address);
        var there = new MemoryLink(new IPEndPoint(IPAddress.Loopback, 0));
        here.Join(there);
        there.Join(here);
        ThreadPool.UnsafeQueueUserWorkItem(static pair => pair.accepted(pair.there), (accepted, there), preferLocal: false);
        return Task.FromResult<ILink>(here);
    }

    private sealed class Listener(MemoryMedium medium, IPEndPoint address) : ILinkListener
    {
        public EndPoint LocalEndPoint => address;

        public void Dispose() => medium._listeners.TryRemove(address.Port, out _);
    }
}
