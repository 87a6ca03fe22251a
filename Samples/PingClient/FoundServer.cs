using Kameo.Actors.Transport;

namespace Samples.PingPong;

/// <summary>The server, and how it was found.</summary>
/// <param name="Id">Who it is, proven.</param>
/// <param name="FoundBy"><c>mdns</c> or <c>address</c>.</param>
/// <param name="Finding">How long finding its address took.</param>
/// <param name="Connecting">How long connecting took, until calls could be made: both handshakes, and the view of its cluster, which a server that has just begun founds first.</param>
internal sealed record FoundServer(PeerId Id, string FoundBy, TimeSpan Finding, TimeSpan Connecting)
{
    /// <summary>How long others have to be found when one that was found refuses: another cluster may be on the same network.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Finds the server and connects to it.</summary>
    /// <exception cref="TransportException">It cannot be reached, or one side refuses the other.</exception>
    /// <exception cref="OperationCanceledException">No server was found in time.</exception>
    public static async Task<FoundServer> FindAsync(TransportNode node, PingClientSettings settings, PeerId? wanted, CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        if (settings.Address is not { } address)
        {
            return await FindAnnouncedAsync(node, wanted, cancellation);
        }

        Peer peer = await node.ConnectAsync(address, wanted, cancellation);
        await FollowAsync(node, cancellation);
        return new FoundServer(peer.Id, "address", TimeSpan.Zero, TimeProvider.System.GetElapsedTime(start));
    }

    private static Task FollowAsync(TransportNode node, CancellationToken cancellation) => node.Membership!.WaitForAsync(static status => status.Members.Count != 0, cancellation);

    /// <summary>The first of those announced that lets this client in.</summary>
    private static async Task<FoundServer> FindAnnouncedAsync(TransportNode node, PeerId? wanted, CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        TransportException? refusal = null;
        try
        {
            await foreach (DiscoveredNode discovered in node.DiscoverAllAsync(patience.Token))
            {
                if (wanted is not null && discovered.Id != wanted)
                {
                    continue;
                }

                TimeSpan finding = TimeProvider.System.GetElapsedTime(start);
                try
                {
                    Peer found = await node.ConnectAsync(discovered, patience.Token);
                    await FollowAsync(node, cancellation);
                    return new FoundServer(found.Id, "mdns", finding, TimeProvider.System.GetElapsedTime(start) - finding);
                }
                catch (TransportException exception)
                {
                    if (refusal is null)
                    {
                        refusal = exception;
                        patience.CancelAfter(s_patience);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (refusal is not null)
        {
            throw refusal;
        }

        throw new OperationCanceledException(cancellation);
    }
}
