using Kameo.Actors.Transport;

namespace Samples.PingPong;

/// <summary>The server, and how it was found.</summary>
/// <param name="Id">Who it is, proven.</param>
/// <param name="FoundBy"><c>mdns</c> or <c>address</c>.</param>
/// <param name="Finding">How long finding its address took.</param>
/// <param name="Connecting">How long connecting took, handshake included.</param>
internal sealed record FoundServer(PeerId Id, string FoundBy, TimeSpan Finding, TimeSpan Connecting)
{
    /// <summary>Finds the server and connects to it.</summary>
    /// <exception cref="TransportException">It cannot be reached, or one side refuses the other.</exception>
    /// <exception cref="OperationCanceledException">No server was found in time.</exception>
    public static async Task<FoundServer> FindAsync(TransportNode node, PingClientSettings settings, PeerId? wanted, CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        if (settings.Address is { } address)
        {
            Peer peer = await node.ConnectAsync(address, wanted, cancellation);
            return new FoundServer(peer.Id, "address", TimeSpan.Zero, TimeProvider.System.GetElapsedTime(start));
        }

        DiscoveredNode discovered = await node.DiscoverAsync(wanted, cancellation);
        TimeSpan finding = TimeProvider.System.GetElapsedTime(start);
        start = TimeProvider.System.GetTimestamp();
        Peer found = await node.ConnectAsync(discovered, cancellation);
        return new FoundServer(found.Id, "mdns", finding, TimeProvider.System.GetElapsedTime(start));
    }
}
