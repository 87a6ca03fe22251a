using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Names.Direct;

/// <summary>The shell around <see cref="NameTable"/>: the names of directly connected peers, for nodes without membership.</summary>
/// <remarks>Every change is sent to every connection, in order; nothing is acknowledged.</remarks>
internal sealed class NameRegistry : NodeNames
{
    private readonly Dictionary<string, NameRegistration> _own = new(StringComparer.Ordinal);
    private readonly NameTable _table;
    private readonly List<NameDelta> _unsent = [];
    private int _unsentCount;

    public NameRegistry(TransportNode node)
        : base(node) => _table = new NameTable(node.Id, node.Limits.NamesMax, OnTableChanged);

    /// <inheritdoc/>
    public override NameRegistration Register(string name, NameHandler handler, RegistrationPriority priority, ReadOnlyMemory<byte> metadata)
    {
        Check(name, metadata);
        var registration = new NameRegistration(this, name, handler, priority, metadata.ToArray());
        lock (Gate)
        {
            if (_own.ContainsKey(name) || _table.Add(name, priority, registration.Metadata) is not { } delta)
            {
                throw new InvalidOperationException($"The name '{name}' is registered here already, or {Node.Limits.NamesMax} names are.");
            }

            _own.Add(name, registration);
            Router.Serve(name, handler);
            Settle(name);
            TellLocked(delta, priority);
        }

        return registration;
    }

    /// <inheritdoc/>
    public override void Unregister(NameRegistration registration)
    {
        lock (Gate)
        {
            if (_table.Remove(registration.Name) is { } delta)
            {
                _own.Remove(registration.Name);
                Router.ServeNoMore(registration.Name);
                TellLocked(delta, RegistrationPriority.Immediate);
            }
        }
    }

    /// <inheritdoc/>
    public override void Change(NameRegistration registration, ReadOnlyMemory<byte> metadata)
    {
        Check(metadata);
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_own.GetValueOrDefault(registration.Name) != registration, registration);
            registration.Metadata = metadata.ToArray();
            if (_table.Change(registration.Name, registration.Metadata) is { } delta)
            {
                TellLocked(delta, registration.Priority);
            }
        }
    }

    /// <summary>Nothing is acknowledged here: what waited for the tick is handed to all connections at once.</summary>
    public override Task WaitVisibleAsync(NameRegistration registration, TimeSpan timeout, CancellationToken cancellation)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_own.GetValueOrDefault(registration.Name) != registration, registration);
            FlushLocked();
        }

        return Task.CompletedTask;
    }

    /// <summary>A connection opened: tells its peer all names of this node.</summary>
    public override void OnOpen(Connection connection)
    {
        lock (Gate)
        {
            FlushLocked(); // What others are about to be told is in the snapshot: the newcomer must not be told twice.
            foreach (NameDelta chunk in _table.Snapshot())
            {
                Send(chunk, connection);
            }

            connection.IsToldOfNames = true;
        }
    }

    /// <inheritdoc/>
    public override void OnGone(PeerId peer)
    {
        lock (Gate)
        {
            _table.Forget(peer);
        }
    }

    /// <inheritdoc/>
    public override string? Handle(PeerId writer, ulong incarnation, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (NameDelta.Decode(payload) is not { } delta)
            {
                return null; // A sort of gossip that a later version has.
            }

            lock (Gate)
            {
                return _table.Handle(writer, incarnation, delta) ? null : "a registry delta that leaves a gap, or too many names";
            }
        }
        catch (MessagePackException exception)
        {
            return $"malformed gossip: {exception.Message}";
        }
    }

    /// <summary>The node's tick: tells what was registered with normal priority.</summary>
    public override void Tick()
    {
        if (Volatile.Read(ref _unsentCount) == 0)
        {
            return;
        }

        lock (Gate)
        {
            FlushLocked();
        }
    }

    /// <inheritdoc/>
    protected override RemoteName? FindLocked(string name) => _table.Find(name) is { } owner ? Make(owner, name) : null;

    /// <inheritdoc/>
    protected override IReadOnlyList<RemoteName> FindAllLocked(string pattern, bool isPrefix) =>
        [.. (isPrefix ? _table.NamesFrom(pattern) : [pattern]).SelectMany(name => _table.FindAll(name).Select(owner => Make(owner, name)))];

    private RemoteName Make(PeerId owner, string name) => new(Node, owner, name, _table.MetadataOf(owner, name));

    private void OnTableChanged(NameChange change)
    {
        OnChangedLocked(change);
        Settle(change.Name);
    }

    /// <summary>Tells an own registration whether it has its name.</summary>
    private void Settle(string name)
    {
        if (_own.TryGetValue(name, out NameRegistration? registration) && _table.Find(name) is { } owner)
        {
            registration.Settle(owner != Node.Id);
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

        foreach (Connection connection in Node.OpenConnections)
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
}
