using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Placement;

/// <summary>Keeps <see cref="Hosts"/> true: who hosts what, and who is connected. Thread safe.</summary>
/// <remarks>
/// Who hosts what comes from the agreed view (<see cref="ViewHosts"/>), the same on every node that installed it; on a node without membership from the hellos of connected peers. Connected peers that host nothing are known
/// for their observers.
/// </remarks>
internal sealed class HostTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, KeyValuePair<Host, HostedTypes>> _connected = [];
    private IReadOnlyList<KeyValuePair<Host, HostedTypes>> _agreed = [];
    private volatile Hosts _current = new([], null);
    private bool _isLeaving;
    private volatile TaskCompletionSource _changed = NewSignal();

    /// <summary>What says where slots are; set before anything is published.</summary>
    public SlotGate? Slots { get; set; }

    /// <summary>Who hosts what now.</summary>
    public Hosts Current => _current;

    /// <summary>Completes at the next change, also when a node that is known is connected again. Take it before looking at <see cref="Current"/>.</summary>
    public Task Changed => _changed.Task;

    /// <summary>A node is connected, or it is this one.</summary>
    public void Set(Host host, HostedTypes types)
    {
        lock (_lock)
        {
            _connected[host.Id] = new(host, types);
            PublishLocked();
        }
    }

    /// <summary>A node is not connected any more.</summary>
    public void Remove(PeerId id)
    {
        lock (_lock)
        {
            if (_connected.Remove(id))
            {
                PublishLocked();
            }
        }
    }

    /// <summary>This is agreed from now on.</summary>
    public void Agree(IReadOnlyList<KeyValuePair<Host, HostedTypes>> hosts)
    {
        lock (_lock)
        {
            _agreed = hosts;
            PublishLocked();
        }
    }

    /// <summary>This node is about to leave the others: from now on stateless workers are called at these, wherever there are any.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _isLeaving = true;
            PublishLocked();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void PublishLocked()
    {
        _current = new Hosts(_agreed.Concat(_connected.Values.Where(one => _agreed.All(agreed => agreed.Key.Id != one.Key.Id))), Slots, _isLeaving);
        TaskCompletionSource changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }
}
