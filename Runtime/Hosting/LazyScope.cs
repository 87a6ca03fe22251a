using Microsoft.Extensions.DependencyInjection;

namespace Kameo.Actors.Hosting;

/// <summary>
/// The services of one activation while none that needs a scope was asked for: what the first actor of a class is constructed from, which shows whether the class asks for such, and what an actor has as its
/// <see cref="IServiceProvider"/> whose constructor takes that and nothing that needs a scope. The first that needs one opens it.
/// </summary>
/// <remarks>What was asked for before comes from outside of the scope; it needs none, so that is the same. Thread safe, since an actor may ask from anywhere.</remarks>
/// <param name="node">The node.</param>
/// <param name="lifetimes">What needs a scope.</param>
internal sealed class LazyScope(ActorNode node, ServiceLifetimes lifetimes) : IKeyedServiceProvider, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private AsyncServiceScope _scope;
    private NodeServices? _services;
    private bool _isOver;

    /// <summary>Whether something was asked for that needs a scope. A glance.</summary>
    public bool IsOpen => Volatile.Read(ref _services) is not null;

    /// <summary>Whether somebody holds it and may ask for more.</summary>
    public bool WasHandedOut { get; private set; }

    /// <summary>Ends it if there is nothing to dispose of; from then on nothing opens a scope.</summary>
    /// <returns>False if a scope is open: it is to be disposed.</returns>
    public bool TryEnd()
    {
        lock (_lock)
        {
            _isOver |= _services is null;
            return _isOver;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isOver = true;
        }

        return _services is null ? default : _scope.DisposeAsync();
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType)
    {
        if (serviceType != typeof(IServiceProvider))
        {
            return From(serviceType, null).GetService(serviceType);
        }

        WasHandedOut = true;
        return this;
    }

    /// <inheritdoc/>
    public object? GetKeyedService(Type serviceType, object? serviceKey) => From(serviceType, serviceKey).GetKeyedService(serviceType, serviceKey);

    /// <inheritdoc/>
    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => From(serviceType, serviceKey).GetRequiredKeyedService(serviceType, serviceKey);

    private NodeServices From(Type type, object? key)
    {
        if (Volatile.Read(ref _services) is { } open)
        {
            return open;
        }

        if (!lifetimes.NeedsScope(type, key))
        {
            return node.Services;
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isOver, typeof(IServiceProvider));
            if (_services is null)
            {
                _scope = lifetimes.Root.CreateAsyncScope();
                Volatile.Write(ref _services, new NodeServices(node, _scope.ServiceProvider));
            }

            return _services;
        }
    }
}
