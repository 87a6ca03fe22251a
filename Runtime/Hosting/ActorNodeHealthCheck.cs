using Kameo.Actors.Transport;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Kameo.Actors.Hosting;

/// <summary>Tells a health endpoint of a node: healthy while it serves, degraded while it has seeds, or only calls, and reaches none of the other nodes, unhealthy, or what the registration says of failures, before it has started, once it stops, and while its lease has run out.</summary>
/// <example><code>services.AddHealthChecks().AddCheck&lt;ActorNodeHealthCheck&gt;("actors");</code></example>
/// <param name="node">The node that <c>AddActorNode</c> added.</param>
public sealed class ActorNodeHealthCheck(ActorNode node) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check(context?.Registration?.FailureStatus ?? HealthStatus.Unhealthy));

    private HealthCheckResult Check(HealthStatus failure)
    {
        if (!node.IsServing)
        {
            return new HealthCheckResult(failure, "The node does not serve: it has not started, it stops, or it is cut off from its cluster.");
        }

        IReadOnlyCollection<Peer> peers = node.Transport.Peers;
        int connected = peers.Count(static peer => peer.IsConnected);
        var facts = new Dictionary<string, object> { ["node"] = node.Id.ToString(), ["activations"] = node.ActivationCount, ["peersConnected"] = connected, ["peersKnown"] = peers.Count };
        return connected == 0 && (node.Options.Seeds.Count != 0 || node.Options.IsClient)
            ? HealthCheckResult.Degraded(node.Options.IsClient ? "The node only calls, and is connected to none that it could call." : "The node is connected to no other one, though it has seeds.", data: facts)
            : HealthCheckResult.Healthy($"The node serves, connected to {connected} others.", facts);
    }
}
