using Microsoft.Extensions.DependencyInjection;

namespace Kameo.Actors.Hosting;

/// <summary>What the first actor of a class is constructed from: opens a scope when something is asked for that needs one, and so shows whether the class does. Used by one thread.</summary>
/// <remarks>What was asked for before comes from outside of the scope; it needs none, so that is the same. A provider that was asked for is of the scope as soon as there is one, as those of all later actors of the class are.</remarks>
/// <param name="node">The node.</param>
/// <param name="lifetimes">What needs a scope.</param>
internal sealed class AskedServices(ActorNode node, ServiceLifetimes lifetimes) : IKeyedServiceProvider
{
    private NodeServices? _scoped;
    private Handed? _handed;

    /// <summary>The scope, if one was needed.</summary>
    public IAsyncDisposable? Scope { get; private set; }

    /// <inheritdoc/>
    public object? GetService(Type serviceType) =>
        serviceType == typeof(IServiceProvider) ? _handed ??= new Handed(this) : From(serviceType, null).GetService(serviceType);

    /// <inheritdoc/>
    public object? GetKeyedService(Type serviceType, object? serviceKey) => From(serviceType, serviceKey).GetKeyedService(serviceType, serviceKey);

    /// <inheritdoc/>
    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => From(serviceType, serviceKey).GetRequiredKeyedService(serviceType, serviceKey);

    private NodeServices From(Type type, object? key)
    {
        if (_scoped is null && lifetimes.NeedsScope(type, key))
        {
            AsyncServiceScope scope = lifetimes.Root.CreateAsyncScope();
            Scope = scope;
            _scoped = new NodeServices(node, scope.ServiceProvider);
        }

        return Found;
    }

    private NodeServices Found => _scoped ?? node.Services;

    /// <summary>What the actor was given as its provider. Opens no scope.</summary>
    private sealed class Handed(AskedServices asked) : IKeyedServiceProvider
    {
        public object? GetService(Type serviceType) => asked.Found.GetService(serviceType);

        public object? GetKeyedService(Type serviceType, object? serviceKey) => asked.Found.GetKeyedService(serviceType, serviceKey);

        public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => asked.Found.GetRequiredKeyedService(serviceType, serviceKey);
    }
}
