namespace Kameo.Actors.Transport.Names.Direct;

/// <summary>
/// The names this node wrote and those it heard of, each written by its own node only. Pure: no socket, clock or lock; <see cref="NameRegistry"/> drives it.
/// </summary>
/// <remarks>
/// A delta is complete for an interval of its writer's versions. One that does not continue what is known is refused, so a gap is never jumped; a fresh connection
/// starts from 0 and replaces all. Entries of a peer go when its last connection does. Two peers may have the same name: every node picks the lowest <see cref="PeerId"/>.
/// </remarks>
/// <param name="self">This node.</param>
/// <param name="namesMax">Most names of one writer.</param>
/// <param name="changed">Is told of each registration that comes, changes or goes.</param>
internal sealed class NameTable(PeerId self, int namesMax, Action<NameChange> changed)
{
    /// <summary>Entries in one delta at most: a chunk stays below the smallest frame limit's default.</summary>
    public const int ChunkCount = 32;

    private readonly Dictionary<string, NameEntry> _own = new(StringComparer.Ordinal);
    private readonly Dictionary<PeerId, Writer> _writers = [];
    private readonly Dictionary<string, SortedSet<PeerId>> _byName = new(StringComparer.Ordinal);

    /// <summary>This node's version: rises with each change of its own names.</summary>
    public ulong Version { get; private set; }

    /// <summary>Writes a name of this node.</summary>
    /// <returns>What to tell others, or null when the name is taken here or the table is full.</returns>
    public NameDelta? Add(string name, RegistrationPriority priority, ReadOnlyMemory<byte> metadata)
    {
        if (_own.Count >= namesMax || _own.ContainsKey(name))
        {
            return null;
        }

        var entry = new NameEntry(name, ++Version, priority, metadata);
        _own.Add(name, entry);
        Index(name, self);
        Raise(NameChangeKind.Added, self, entry);
        return new NameDelta(Version - 1, Version, [entry], []);
    }

    /// <summary>Gives a name of this node other metadata.</summary>
    /// <returns>What to tell others, or null when it is not there.</returns>
    public NameDelta? Change(string name, ReadOnlyMemory<byte> metadata)
    {
        if (!_own.TryGetValue(name, out NameEntry? former))
        {
            return null;
        }

        NameEntry entry = former with { Version = ++Version, Metadata = metadata };
        _own[name] = entry;
        Raise(NameChangeKind.Changed, self, entry);
        return new NameDelta(Version - 1, Version, [entry], []);
    }

    /// <summary>Removes a name of this node.</summary>
    /// <returns>What to tell others, or null when it was not there.</returns>
    public NameDelta? Remove(string name)
    {
        if (!_own.Remove(name, out NameEntry? entry))
        {
            return null;
        }

        Unindex(name, self);
        Raise(NameChangeKind.Removed, self, entry);
        Version++;
        return new NameDelta(Version - 1, Version, [], [name]);
    }

    /// <summary>All of this node's names for a peer that knows nothing yet, in version order: cut anywhere, what arrived is a prefix.</summary>
    public IReadOnlyList<NameDelta> Snapshot()
    {
        var chunks = new List<NameDelta>();
        ulong from = 0;
        foreach (NameEntry[] chunk in _own.Values.OrderBy(static entry => entry.Version).Chunk(ChunkCount))
        {
            ulong to = chunk[^1].Version;
            chunks.Add(new NameDelta(from, to, chunk, []));
            from = to;
        }

        if (chunks.Count == 0 || from < Version)
        {
            chunks.Add(new NameDelta(from, Version, [], []));
        }

        return chunks;
    }

    /// <summary>Takes a delta of a peer.</summary>
    /// <param name="writer">The peer.</param>
    /// <param name="incarnation">Which life of it: another one starts from nothing.</param>
    /// <param name="delta">What it says.</param>
    /// <returns>False when it leaves a gap, or holds too much: the peer breaks the protocol.</returns>
    public bool Handle(PeerId writer, ulong incarnation, NameDelta delta)
    {
        if (delta.To < delta.From)
        {
            return false;
        }

        if (!_writers.TryGetValue(writer, out Writer? known) || known.Incarnation != incarnation)
        {
            Forget(writer);
            _writers[writer] = known = new Writer { Incarnation = incarnation };
        }

        if (delta.To <= known.Version)
        {
            return true; // Known already, over another connection.
        }

        if (known.Version < delta.From)
        {
            return false;
        }

        foreach (string name in delta.Removed)
        {
            if (known.Entries.Remove(name, out NameEntry? gone))
            {
                Unindex(name, writer);
                Raise(NameChangeKind.Removed, writer, gone);
            }
        }

        foreach (NameEntry entry in delta.Live)
        {
            bool isNew = !known.Entries.ContainsKey(entry.Name);
            if (isNew && known.Entries.Count >= namesMax)
            {
                return false;
            }

            known.Entries[entry.Name] = entry;
            Index(entry.Name, writer);
            Raise(isNew ? NameChangeKind.Added : NameChangeKind.Changed, writer, entry);
        }

        known.Version = delta.To;
        return true;
    }

    /// <summary>A peer is gone: so are its names.</summary>
    public void Forget(PeerId writer)
    {
        if (_writers.Remove(writer, out Writer? known))
        {
            foreach (NameEntry entry in known.Entries.Values)
            {
                Unindex(entry.Name, writer);
                Raise(NameChangeKind.Removed, writer, entry);
            }
        }
    }

    /// <summary>Who has a name: the lowest id of those that do, the same on every node that knows them.</summary>
    public PeerId? Find(string name) => _byName.TryGetValue(name, out SortedSet<PeerId>? writers) ? writers.Min : null;

    /// <summary>All names that begin so.</summary>
    public IEnumerable<string> NamesFrom(string prefix) => _byName.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Everybody who has a name, lowest id first.</summary>
    public IReadOnlyList<PeerId> FindAll(string name) => _byName.TryGetValue(name, out SortedSet<PeerId>? writers) ? [.. writers] : [];

    /// <summary>The metadata that a writer gave a name.</summary>
    public ReadOnlyMemory<byte> MetadataOf(PeerId writer, string name) =>
        (writer == self ? _own.GetValueOrDefault(name) : _writers.GetValueOrDefault(writer)?.Entries.GetValueOrDefault(name))?.Metadata ?? default;

    private void Raise(NameChangeKind kind, PeerId writer, NameEntry entry) => changed(new NameChange(kind, entry.Name, writer, entry.Metadata));

    private void Index(string name, PeerId writer)
    {
        if (!_byName.TryGetValue(name, out SortedSet<PeerId>? writers))
        {
            _byName.Add(name, writers = []);
        }

        writers.Add(writer);
    }

    private void Unindex(string name, PeerId writer)
    {
        if (_byName.TryGetValue(name, out SortedSet<PeerId>? writers) && writers.Remove(writer) && writers.Count == 0)
        {
            _byName.Remove(name);
        }
    }

    private sealed class Writer
    {
        public readonly Dictionary<string, NameEntry> Entries = new(StringComparer.Ordinal);
        public ulong Incarnation;
        public ulong Version;
    }
}
