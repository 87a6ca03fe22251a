using Kameo.Actors.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kameo.Actors.Hosting;

/// <summary>What actors' constructors get their parameters from: the services given, and what a node has anyway.</summary>
/// <param name="node">The node.</param>
/// <param name="given">The services of the options, or those of an activation's scope, if any; they come first.</param>
internal sealed class NodeServices(ActorNode node, IServiceProvider? given) : IKeyedServiceProvider
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

    /// <inheritdoc/>
    public object? GetKeyedService(Type serviceType, object? serviceKey) => (given as IKeyedServiceProvider)?.GetKeyedService(serviceType, serviceKey);

    /// <inheritdoc/>
    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
        GetKeyedService(serviceType, serviceKey) ?? throw new InvalidOperationException($"There is no service {serviceType} with the key '{serviceKey}'.");
}
