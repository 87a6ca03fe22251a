using System.Runtime.CompilerServices;
using System.Text;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Names.Watching;

namespace Kameo.Actors.Transport.Names;

/// <summary>The names that a node knows, whoever told it: <see cref="Direct.NameRegistry"/> those of directly connected peers, <see cref="Cluster.ClusterNames"/> those of all members.</summary>
/// <remarks>One lock, held for changes and for look-ups that find nothing kept; never across user code. Thread safe.</remarks>
internal abstract class NodeNames
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly KeptLookups _kept;

    protected NodeNames(TransportNode node)
    {
        Node = node;
        Router = new NameRouter(node);
        _kept = new KeptLookups(node.Limits.LookupsKeptMax);
        Watches = new NameWatches(node.Limits.NameWatchesMax);
    }

    /// <summary>Where requests for these names go.</summary>
    public NameRouter Router { get; }

    /// <summary>How often a watcher was too slow and started anew.</summary>
    public long WatchOverflows => Watches.Overflows;

    protected TransportNode Node { get; }

    protected internal Lock Gate { get; } = new();

    protected NameWatches Watches { get; }

    /// <summary>Registers a name.</summary>
    public abstract NameRegistration Register(string name, NameHandler handler, RegistrationPriority priority, ReadOnlyMemory<byte> metadata);

    /// <summary>Takes a name back.</summary>
    public abstract void Unregister(NameRegistration registration);

    /// <summary>Gives a name other metadata.</summary>
    public abstract void Change(NameRegistration registration, ReadOnlyMemory<byte> metadata);

    /// <summary>Waits until others know a registration as it is now.</summary>
    public abstract Task WaitVisibleAsync(NameRegistration registration, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>A connection opened. On its receive loop.</summary>
    public abstract void OnOpen(Connection connection);

    /// <summary>A peer is without any connection.</summary>
    public abstract void OnGone(PeerId peer);

    /// <summary>A gossip frame of a peer arrived. On its receive loop.</summary>
    /// <returns>Null, or what is wrong with it: its connection is closed.</returns>
    public abstract string? Handle(PeerId writer, ulong incarnation, ReadOnlySpan<byte> payload);

    /// <summary>The node's tick.</summary>
    public abstract void Tick();

    /// <summary>Who has a name now; null when nobody known does. Without a lock or an allocation for names looked up before.</summary>
    public RemoteName? Find(string name)
    {
        if (_kept.TryGet(name, out RemoteName? kept))
        {
            return kept;
        }

        lock (Gate)
        {
            RemoteName? found = FindLocked(name);
            _kept.Keep(name, found);
            return found;
        }
    }

    /// <summary>Everybody who has a name, the one that <see cref="Find"/> gives first.</summary>
    public IReadOnlyList<RemoteName> FindAll(string name)
    {
        lock (Gate)
        {
            return FindAllLocked(name, isPrefix: false);
        }
    }

    /// <summary>All registrations whose name begins so.</summary>
    public IReadOnlyList<RemoteName> Snapshot(string prefix)
    {
        lock (Gate)
        {
            return FindAllLocked(prefix, isPrefix: true);
        }
    }

    /// <summary>Waits until somebody has the name.</summary>
    public async Task<RemoteName> WaitForAsync(string name, CancellationToken cancellation)
    {
        while (true)
        {
            NameWait wait;
            lock (Gate)
            {
                if (FindLocked(name) is { } found)
                {
                    return found;
                }

                wait = Watches.WaitFor(name); // Under the same lock as the look: no registration falls between.
            }

            try
            {
                await wait.Source.Task.WaitAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                lock (Gate)
                {
                    Watches.Forget(name, wait);
                }
            }
        }
    }

    /// <summary>Watches a name, or all names that begin so.</summary>
    public IAsyncEnumerable<NameChange> WatchAsync(string pattern, bool isPrefix, int bufferCount, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferCount, 1);
        return ReadAsync(pattern, isPrefix, bufferCount, cancellation);
    }

    /// <summary>The node stops: what waits ends.</summary>
    public virtual void Stop()
    {
        lock (Gate)
        {
            Watches.EndAll();
        }
    }

    /// <summary>A registration lost its name, or has it again.</summary>
    public void LogSettled(string name, bool isLost) => Node.LogNameSettled(name, isLost, Find(name)?.Owner);

    /// <summary>A handler of the user threw.</summary>
    public void LogHandlerFailed(Exception exception, string name) => Node.LogHandlerFailed(exception, name, isAsk: false);

    protected static void Check(string name, ReadOnlyMemory<byte> metadata)
    {
        ArgumentNullException.ThrowIfNull(name);
        int nameBytes;
        try
        {
            nameBytes = s_strictUtf8.GetByteCount(name);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException("The name has half a surrogate pair, which UTF-8 cannot say.", nameof(name), exception);
        }

        if (nameBytes is 0 or > NameEntry.NameBytesMax)
        {
            throw new ArgumentException($"A name has 1 to {NameEntry.NameBytesMax} bytes of UTF-8, not {nameBytes}.", nameof(name));
        }

        Check(metadata);
    }

    protected static void Check(ReadOnlyMemory<byte> metadata)
    {
        if (metadata.Length > NameEntry.MetadataBytesMax)
        {
            throw new ArgumentException($"Metadata has at most {NameEntry.MetadataBytesMax} bytes, not {metadata.Length}.", nameof(metadata));
        }
    }

    /// <summary>Who has a name.</summary>
    protected abstract RemoteName? FindLocked(string name);

    /// <summary>Everybody who has a name, or names that begin so.</summary>
    protected abstract IReadOnlyList<RemoteName> FindAllLocked(string pattern, bool isPrefix);

    /// <summary>Something that look-ups give changed.</summary>
    protected void OnChangedLocked(in NameChange change)
    {
        _kept.Forget(change.Name);
        Watches.Raise(change);
    }

    /// <summary>Everything that look-ups give may have changed.</summary>
    protected void OnAllChangedLocked()
    {
        _kept.Clear();
        Watches.ResetAll();
    }

    private async IAsyncEnumerable<NameChange> ReadAsync(string pattern, bool isPrefix, int bufferCount, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var watch = new NameWatch(pattern, isPrefix, bufferCount);
        var changes = new List<NameChange>();
        lock (Gate)
        {
            Watches.Add(watch);
            AddAllLocked(watch, changes);
        }

        try
        {
            while (true)
            {
                foreach (NameChange change in changes)
                {
                    yield return change;
                }

                changes.Clear();
                Task? more;
                lock (Gate)
                {
                    if (watch.MustReset)
                    {
                        watch.HaveReset();
                        changes.Add(new NameChange(NameChangeKind.Reset, string.Empty, default, default));
                        AddAllLocked(watch, changes);
                    }

                    more = watch.Take(changes);
                }

                if (more is not null)
                {
                    await more.WaitAsync(cancellation).ConfigureAwait(false);
                }
                else if (changes.Count == 0)
                {
                    yield break;
                }
            }
        }
        finally
        {
            lock (Gate)
            {
                Watches.Remove(watch);
            }
        }
    }

    private void AddAllLocked(NameWatch watch, List<NameChange> changes)
    {
        foreach (RemoteName name in FindAllLocked(watch.Pattern, watch.IsPrefix))
        {
            changes.Add(new NameChange(NameChangeKind.Added, name.Name, name.Owner, name.Metadata));
        }
    }
}
