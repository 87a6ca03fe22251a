using Kameo.Actors.Transport;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Kameo.Actors.Hosting;

/// <summary>Tells a health endpoint of a node: healthy while it serves, degraded while it has seeds and reaches none of the other nodes, unhealthy before it has started and once it stops.</summary>
/// <example><code>services.AddHealthChecks().AddCheck&lt;ActorNodeHealthCheck&gt;("actors");</code></example>
/// <param name="node">The node that <c>AddActorNode</c> added.</param>
public sealed class ActorNodeHealthCheck(ActorNode node) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (!node.IsServing)
        {
            return HealthCheckResult.Unhealthy("The node does not serve: it has not started, or it stops.");
        }

        IReadOnlyCollection<Peer> peers = node.Transport.Peers;
        int connected = peers.Count(static peer => peer.IsConnected);
        var facts = new Dictionary<string, object> { ["node"] = node.Id.ToString(), ["activations"] = node.ActivationCount, ["peersConnected"] = connected, ["peersKnown"] = peers.Count };
        return connected == 0 && node.Options.Seeds.Count != 0
            ? HealthCheckResult.Degraded("The node is connected to no other one, though it has seeds.", data: facts)
            : HealthCheckResult.Healthy($"The node serves, connected to {connected} others.", facts);
    }
}
