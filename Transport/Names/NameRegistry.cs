using System.Text;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Names;

/// <summary>The shell around <see cref="NameTable"/>: its lock, its gossip frames, and those who wait for a name.</summary>
/// <remarks>One lock, held for table changes only; names change seldom and look-ups are kept by their callers.</remarks>
internal sealed class NameRegistry
{
    private readonly TransportNode _node;
    private readonly Lock _lock = new();
    private readonly NameTable _table;
    private readonly List<NameDelta> _unsent = [];
    private int _unsentCount;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NameRegistry(TransportNode node)
    {
        _node = node;
        _table = new NameTable(node.Id, node.Limits.NamesMax);
        Router = new NameRouter(node);
    }

    /// <summary>Where requests for these names go.</summary>
    public NameRouter Router { get; }

    /// <summary>Registers a name.</summary>
    public NameRegistration Register(string name, NameHandler handler, RegistrationPriority priority, ReadOnlyMemory<byte> metadata)
    {
        int nameBytes = Encoding.UTF8.GetByteCount(name);
        if (nameBytes is 0 or > NameEntry.NameBytesMax)
        {
            throw new ArgumentException($"A name has 1 to {NameEntry.NameBytesMax} bytes of UTF-8, not {nameBytes}.", nameof(name));
        }

        if (metadata.Length > NameEntry.MetadataBytesMax)
        {
            throw new ArgumentException($"Metadata has at most {NameEntry.MetadataBytesMax} bytes, not {metadata.Length}.", nameof(metadata));
        }

        lock (_lock)
        {
            NameSlot slot = Router.SlotOf(name);
            if (_table.Add(name, priority, metadata.ToArray()) is not { } delta)
            {
                throw new InvalidOperationException($"The name '{name}' is registered here already, or {_node.Limits.NamesMax} names are.");
            }

            slot.Handler = handler;
            TellLocked(delta, priority);
            SignalLocked();
        }

        return new NameRegistration(this, name);
    }

    /// <summary>Takes a name back.</summary>
    public void Unregister(string name)
    {
        lock (_lock)
        {
            if (_table.Remove(name) is { } delta)
            {
                Router.SlotOf(name).Handler = null;
                TellLocked(delta, RegistrationPriority.Immediate);
                SignalLocked();
            }
        }
    }

    /// <summary>Who has a name now; null when nobody known does.</summary>
    public RemoteName? Find(string name)
    {
        lock (_lock)
        {
            return _table.Find(name) is { } owner ? new RemoteName(_node, owner, name, _table.MetadataOf(owner, name)) : null;
        }
    }

    /// <summary>Everybody who has a name.</summary>
    public IReadOnlyList<RemoteName> FindAll(string name)
    {
        lock (_lock)
        {
            return [.. _table.FindAll(name).Select(owner => new RemoteName(_node, owner, name, _table.MetadataOf(owner, name)))];
        }
    }

    /// <summary>Waits until somebody has the name.</summary>
    public async Task<RemoteName> WaitForAsync(string name, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_table.Find(name) is { } owner)
                {
                    return new RemoteName(_node, owner, name, _table.MetadataOf(owner, name));
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>A connection opened: tells its peer all names of this node.</summary>
    public void OnOpen(Connection connection)
    {
        lock (_lock)
        {
            FlushLocked(); // What others are about to be told is in the snapshot: the newcomer must not be told twice.
            foreach (NameDelta chunk in _table.Snapshot())
            {
                Send(chunk, connection);
            }

            connection.IsToldOfNames = true;
        }
    }

    /// <summary>A peer is gone.</summary>
    public void OnGone(PeerId peer)
    {
        lock (_lock)
        {
            _table.Forget(peer);
            SignalLocked();
        }
    }

    /// <summary>A gossip frame of a peer arrived.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public string? Handle(PeerId writer, ulong incarnation, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (NameDelta.Decode(payload) is not { } delta)
            {
                return null; // A sort of gossip that a later version has.
            }

            lock (_lock)
            {
                if (!_table.Handle(writer, incarnation, delta))
                {
                    return "a registry delta that leaves a gap, or too many names";
                }

                SignalLocked();
                return null;
            }
        }
        catch (MessagePackException exception)
        {
            return $"malformed gossip: {exception.Message}";
        }
    }

    /// <summary>The node's tick: tells what was registered with normal priority.</summary>
    public void Tick()
    {
        if (Volatile.Read(ref _unsentCount) == 0)
        {
            return;
        }

        lock (_lock)
        {
            FlushLocked();
        }
    }

    private void TellLocked(NameDelta delta, RegistrationPriority priority)
    {
        _unsent.Add(delta);
        _unsentCount = _unsent.Count;
        if (priority == RegistrationPriority.Immediate)
        {
            FlushLocked(); // With everything before it: versions never jump a gap.
        }
    }

    private void FlushLocked()
    {
        if (_unsent.Count == 0)
        {
            return;
        }

        foreach (Connection connection in _node.OpenConnections)
        {
            if (connection.IsToldOfNames)
            {
                foreach (NameDelta delta in _unsent)
                {
                    Send(delta, connection);
                }
            }
        }

        _unsent.Clear();
        _unsentCount = 0;
    }

    private static void Send(NameDelta delta, Connection connection)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            delta.Encode(ref writer);
            connection.PutOwn(FrameKind.Gossip, scratch.WrittenSpan);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private void SignalLocked()
    {
        TaskCompletionSource changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
