using Kameo.Actors.Transport.Names;

namespace Kameo.Actors.Transport;

/// <summary>A name of this node; disposing it takes the name back, here and on every node that knows it.</summary>
public sealed class NameRegistration : IDisposable
{
    private readonly NameRegistry _registry;
    private int _disposed;

    internal NameRegistration(NameRegistry registry, string name)
    {
        _registry = registry;
        Name = name;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _registry.Unregister(Name);
        }
    }
}
