using Kameo.Actors.Transport;

namespace Kameo.Actors.Placement;

/// <summary>Keeps <see cref="Hosts"/> true as peers come and go. Here the source is what directly connected peers say in their hello; who reads it does not care.</summary>
internal sealed class HostTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, KeyValuePair<Host, HostedTypes>> _nodes = [];
    private volatile Hosts _current = new([]);
    private volatile TaskCompletionSource _changed = NewSignal();

    /// <summary>Who hosts what now.</summary>
    public Hosts Current => _current;

    /// <summary>Completes at the next change. Take it before looking at <see cref="Current"/>.</summary>
    public Task Changed => _changed.Task;

    /// <summary>A node hosts this.</summary>
    public void Set(Host host, HostedTypes types)
    {
        lock (_lock)
        {
            _nodes[host.Id] = new(host, types);
            PublishLocked();
        }
    }

    /// <summary>A node is gone.</summary>
    public void Remove(PeerId id)
    {
        lock (_lock)
        {
            if (_nodes.Remove(id))
            {
                PublishLocked();
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void PublishLocked()
    {
        _current = new Hosts(_nodes.Values);
        TaskCompletionSource changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }
}
