using Microsoft.Extensions.Hosting;

namespace Kameo.Actors.Hosting;

/// <summary>Starts and stops the node with the host: it drains for as long as its own options and the host's shutdown time-out allow. The container disposes it too; that does nothing more.</summary>
/// <param name="node">The node.</param>
internal sealed class HostedActorNode(ActorNode node) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => node.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync(cancellationToken);
}
