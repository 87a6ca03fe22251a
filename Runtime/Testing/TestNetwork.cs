using System.Net;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Links;

namespace Kameo.Actors.Testing;

/// <summary>The network of a <see cref="TestCluster"/>: a network in memory in which the way between two nodes can be cut. Thread safe.</summary>
internal sealed class TestNetwork
{
    private readonly MemoryMedium _medium = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Place> _listeners = [];
    private readonly List<(Place From, Place To, ILink Link)> _links = [];
    private readonly HashSet<(Place, Place)> _cuts = [];

    /// <summary>Where one node is in it.</summary>
    public Place NewPlace() => new(this);

    /// <summary>Ends what connects two nodes, and lets neither reach the other from now on.</summary>
    public void Cut(Place one, Place other)
    {
        ILink[] ended;
        lock (_lock)
        {
            _cuts.Add((one, other));
            _cuts.Add((other, one));
            ended = [.. _links.Where(link => (link.From == one && link.To == other) || (link.From == other && link.To == one)).Select(static link => link.Link)];
            _links.RemoveAll(link => ended.Contains(link.Link));
        }

        foreach (ILink link in ended)
        {
            link.Close();
        }
    }

    /// <summary>Lets two nodes reach each other again.</summary>
    public void Heal(Place one, Place other)
    {
        lock (_lock)
        {
            _cuts.Remove((one, other));
            _cuts.Remove((other, one));
        }
    }

    private async Task<ILink> DialAsync(Place from, EndPoint address, CancellationToken cancellation)
    {
        ILink link = await _medium.DialAsync(address, cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            if (_listeners.TryGetValue(((IPEndPoint)address).Port, out Place? to) && !_cuts.Contains((from, to)))
            {
                _links.Add((from, to, link));
                return link;
            }
        }

        link.Close();
        throw new TransportException(CloseReason.Unreachable, $"Cannot reach {address}: the way there is cut.");
    }

    /// <summary>One node's place.</summary>
    /// <param name="network">The network.</param>
    internal sealed class Place(TestNetwork network) : ILinkMedium
    {
        /// <inheritdoc/>
        public ILinkListener Listen(EndPoint address, Action<ILink> accepted)
        {
            ILinkListener listener = network._medium.Listen(address, accepted);
            lock (network._lock)
            {
                network._listeners[((IPEndPoint)listener.LocalEndPoint).Port] = this;
            }

            return listener;
        }

        /// <inheritdoc/>
        public Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation) => network.DialAsync(this, address, cancellation);
    }
}
