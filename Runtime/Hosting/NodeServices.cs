using Kameo.Actors.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kameo.Actors.Hosting;

/// <summary>What actors' constructors get their parameters from: the services given, and what a node has anyway.</summary>
/// <param name="node">The node.</param>
/// <param name="given">The services of the options, if any; they come first.</param>
internal sealed class NodeServices(ActorNode node, IServiceProvider? given) : IServiceProvider
{
    /// <inheritdoc/>
    public object? GetService(Type serviceType) =>
        given?.GetService(serviceType)
        ?? (serviceType == typeof(IActors) || serviceType == typeof(ActorNode) ? node
            : serviceType == typeof(IServiceProvider) ? this
            : serviceType == typeof(TimeProvider) ? node.Options.TimeProvider
            : serviceType == typeof(TransportNode) ? node.Transport
            : serviceType == typeof(ILoggerFactory) ? node.Options.LoggerFactory ?? NullLoggerFactory.Instance
            : null);
}
