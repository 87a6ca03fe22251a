using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Names.Clients;
using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <summary>The names of all members of a cluster: the shell that runs <see cref="RegistryCore"/> on a node's connections, timer and threads.</summary>
/// <remarks>
/// This file: what users of the node do. <c>.Views</c>: what the control thread tells of membership; <c>.Driving</c>: messages, time, outputs; <c>.Clients</c>: clients that follow through this member; <c>.Convergence</c>: how long changes take.
/// A core lives as long as the node's incarnation; what this node registered outlives it, and is written again by the next one.
/// </remarks>
internal sealed partial class ClusterNames : NodeNames, IThreadPoolWorkItem
{
    /// <summary>The only sort of name there is yet.</summary>
    private const byte KindHandler = 0;

    /// <summary>A wait that begins later than this after the change says nothing of how long the change took.</summary>
    private const long TimedWaitMillisecondsMax = 1_000;

    private readonly Dictionary<string, NameRegistration> _own = new(StringComparer.Ordinal);
    private readonly Dictionary<int, VisibleWait> _waits = [];
    private readonly RegistryCounters _counters = new();
    private readonly RegistryLimits _limits;
    private readonly RegistryTiming? _timing;
    private readonly UpstreamNames? _upstream;
    private RegistryCore _core;

    /// <param name="node">The node.</param>
    /// <param name="timing">How often it speaks; null for the defaults.</param>
    public ClusterNames(TransportNode node, RegistryTiming? timing = null)
        : base(node)
    {
        _limits = LimitsOf(node.Limits);
        _timing = timing;
        _timer = node.Clock.Provider.CreateTimer(static names => ((ClusterNames)names!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _core = MakeCore(new RegistrySource(node.Id, node.Incarnation));
        _upstream = node.IsClient ? new UpstreamNames(node, Gate, name => _core!.Find(name) is { } first && first.Entry.Client == node.Id) : null;
        Orders = new NameOrderRouter(this);
        new RegistryMetrics(this).Export(node.Metrics);
    }

    /// <summary>Where clients send what they want registered.</summary>
    public NameOrderRouter Orders { get; }

    /// <summary>What the core counts, over all lives of this node.</summary>
    public RegistryCounters Counters => _counters;

    /// <summary>What the shell counts.</summary>
    public RegistryTraffic Traffic { get; } = new();

    /// <summary>Names known, conflicting ones included.</summary>
    public int EntryCount => _core.EntryCount;

    /// <summary>Memory of them, estimated.</summary>
    public long EntryBytes => _core.EntryBytes;

    /// <summary>Watches of names.</summary>
    public int WatchCount => Watches.Count;

    /// <summary>Adds a sentence for each limit of a node that its registry could not live with.</summary>
    public static void Validate(TransportLimits limits, ICollection<string> errors)
    {
        RegistryLimits registry = LimitsOf(limits);
        registry.Validate(errors);
        if (limits.FrameBytesMax < registry.MessageBytesMax + FrameHeader.Bytes)
        {
            errors.Add($"{nameof(TransportLimits.FrameBytesMax)} must hold a message of the registry ({registry.MessageBytesMax + FrameHeader.Bytes}), not {limits.FrameBytesMax}.");
        }
    }

    /// <inheritdoc/>
    public override NameRegistration Register(string name, NameHandler handler, RegistrationPriority priority, ReadOnlyMemory<byte> metadata)
    {
        Check(name, metadata);
        var registration = new NameRegistration(this, name, handler, priority, metadata.ToArray());
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_isStopped, Node);
            TakeToldLocked();
            if (_own.ContainsKey(name) || _own.Count >= Node.Limits.NamesMax)
            {
                throw new InvalidOperationException($"The name '{name}' is registered here already, or {Node.Limits.NamesMax} names are.");
            }

            RegisterOutcome outcome = WriteLocked(registration);
            if (outcome is not (RegisterOutcome.Done or RegisterOutcome.Evicted)) // Evicted: the next life writes it.
            {
                throw Refused(name, outcome);
            }

            _own.Add(name, registration);
            Router.Serve(name, handler);
            if (_upstream is not null)
            {
                SettleClientLocked(registration);
            }

            FinishLocked();
        }

        Deliver();
        return registration;
    }

    /// <inheritdoc/>
    public override void Unregister(NameRegistration registration)
    {
        lock (Gate)
        {
            TakeToldLocked();
            if (_own.GetValueOrDefault(registration.Name) != registration)
            {
                return;
            }

            _own.Remove(registration.Name);
            Router.ServeNoMore(registration.Name);
            if (_upstream is not null)
            {
                _upstream.RemoveLocked(registration.Name);
            }
            else
            {
                _core.Unregister(Now, registration.Name, RegistrationPriority.Immediate); // Refused where this life is over, whose names are gone anyway.
            }

            FinishLocked();
        }

        Deliver();
    }

    /// <inheritdoc/>
    public override void Change(NameRegistration registration, ReadOnlyMemory<byte> metadata)
    {
        Check(metadata);
        lock (Gate)
        {
            ThrowIfGoneLocked(registration);
            TakeToldLocked();
            ReadOnlyMemory<byte> copy = metadata.ToArray();
            if (_upstream is not null)
            {
                registration.Metadata = copy;
                WriteLocked(registration);
            }
            else
            {
                RegisterResult result = _core.Change(Now, registration.Name, copy);
                if (result.Outcome is not (RegisterOutcome.Done or RegisterOutcome.Evicted or RegisterOutcome.NotRegistered))
                {
                    throw Refused(registration.Name, result.Outcome);
                }

                registration.Metadata = copy;
                NoteLocked(registration, result);
            }

            FinishLocked();
        }

        Deliver();
    }

    /// <inheritdoc/>
    public override async Task WaitVisibleAsync(NameRegistration registration, TimeSpan timeout, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_upstream is not null)
        {
            await _upstream.WaitVisibleAsync(registration, timeout, cancellation).ConfigureAwait(false);
            return;
        }

        var wait = new LocalVisibleWait();
        int id;
        long written;
        lock (Gate)
        {
            ThrowIfGoneLocked(registration);
            TakeToldLocked();
            if (registration.Version == 0)
            {
                throw new TransportException(CloseReason.None, $"'{registration.Name}' is not registered: this node was excluded from the cluster and is not in it again, or the limits had no room for the name then.");
            }

            TimeSpan now = Now;
            TimeSpan deadline = timeout == Timeout.InfiniteTimeSpan || timeout >= RegistryTiming.Never - now ? RegistryTiming.Never : now + timeout;
            id = WaitCount < Node.Limits.NameWatchesMax ? _core.WaitVisible(now, registration.Version, deadline) : 0;
            if (id == 0)
            {
                throw new InvalidOperationException($"{Node.Limits.NameWatchesMax} waits are under way already, as many as the limit allows.");
            }

            written = Node.Clock.NowMilliseconds - registration.WrittenMilliseconds < TimedWaitMillisecondsMax ? registration.WrittenMilliseconds : -1;
            _waits.Add(id, wait); // It may have ended already: its end is taken below.
            FinishLocked();
        }

        Deliver();
        WaitOutcome outcome;
        try
        {
            outcome = await wait.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            CancelWait(id, wait);
            throw;
        }

        switch (outcome)
        {
            case WaitOutcome.DeadlinePassed:
                throw new TimeoutException($"Not every member knew '{registration.Name}' within {timeout.TotalSeconds:0.###} s.");
            case WaitOutcome.Evicted:
                throw new TransportException(CloseReason.None, $"This node was excluded from the cluster, or stopped, before every member knew '{registration.Name}'.");
            default:
                if (written >= 0)
                {
                    OnConverged(written);
                }

                break;
        }
    }

    /// <inheritdoc/>
    protected override RemoteName? FindLocked(string name) => _core.Find(name) is { } found ? Make(found) : null;

    /// <inheritdoc/>
    protected override IReadOnlyList<RemoteName> FindAllLocked(string pattern, bool isPrefix) =>
        [.. (isPrefix ? _core.Snapshot(pattern) : _core.FindAll(pattern)).Select(Make)];

    /// <summary>The registry's own bounds, by the node's.</summary>
    private static RegistryLimits LimitsOf(TransportLimits limits) => new()
    {
        EntriesPerNodeMax = limits.NamesMax,
        EntriesPerClientMax = limits.NamesPerClientMax,
        EntriesMax = limits.NamesInClusterMax,
        EntryBytesMax = limits.NameBytesInClusterMax,
        NameBytesMax = NameEntry.NameBytesMax,
        MetadataBytesMax = NameEntry.MetadataBytesMax,
        WatchesMax = 1, // The shell's own, of everything; those of users hang on it.
        WaitsMax = limits.NameWatchesMax + 1, // And one that measures.
        FollowersMax = limits.ClientsMax,
    };

    private static Exception Refused(string name, RegisterOutcome outcome) => outcome switch
    {
        RegisterOutcome.BadName => new ArgumentException("The name is no valid UTF-16.", nameof(name)),
        RegisterOutcome.NameTaken => new InvalidOperationException($"A client that follows through this node has the name '{name}'."),
        _ => new InvalidOperationException($"The limits on names have no room for '{name}' ({outcome})."),
    };

    private static PeerId OwnerOf(in Registration registration) => registration.Entry.Client.IsDefault ? registration.Owner.Id : registration.Entry.Client;

    private RemoteName Make(Registration registration) =>
        new(Node, OwnerOf(registration), registration.Entry.Name, registration.Entry.Metadata, registration.Entry.Client.IsDefault ? null : registration.Owner.Id);

    /// <summary>Writes a registration into this life: into the core, or with a client to its member.</summary>
    private RegisterOutcome WriteLocked(NameRegistration registration)
    {
        if (_upstream is not null)
        {
            registration.WrittenMilliseconds = Node.Clock.NowMilliseconds;
            _upstream.SetLocked(registration);
            return RegisterOutcome.Done;
        }

        RegisterResult result = _core.Register(Now, registration.Name, KindHandler, registration.Priority, registration.Metadata);
        NoteLocked(registration, result);
        return result.Outcome;
    }

    private void NoteLocked(NameRegistration registration, RegisterResult result)
    {
        registration.Version = result.Version;
        registration.WrittenMilliseconds = Node.Clock.NowMilliseconds;
        SampleLocked(result.Version);
    }

    private void ThrowIfGoneLocked(NameRegistration registration) =>
        ObjectDisposedException.ThrowIf(_isStopped || _own.GetValueOrDefault(registration.Name) != registration, registration);

    private void CancelWait(int id, VisibleWait wait)
    {
        lock (Gate)
        {
            // A later life may have given the number again.
            if (_waits.TryGetValue(id, out VisibleWait? known) && known == wait)
            {
                _waits.Remove(id);
                _core.CancelWait(id);
            }
        }
    }
}
