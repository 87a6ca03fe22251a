using System.Buffers;
using System.Text.Unicode;

namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>What this node itself writes: its names, and those of the clients that follow through it.</summary>
internal sealed class OwnNames
{
    private readonly RegistrySource _self;
    private readonly RegistryLimits _limits;
    private readonly RegistryRoom _room;
    private readonly NameClaims _claims;
    private readonly RegistryCounters _counters;
    private readonly RegistryOutbox _outbox;
    private readonly Dictionary<string, RegistryEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<PeerId, HashSet<string>> _byClient = [];
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);

    public OwnNames(RegistrySource self, RegistryLimits limits, RegistryFlaws flaws, RegistryRoom room, NameClaims claims, RegistryCounters counters, RegistryOutbox outbox)
    {
        _self = self;
        _limits = limits;
        _room = room;
        _claims = claims;
        _counters = counters;
        _outbox = outbox;
        Log = new WriterLog(new RegistryMember(self.Id, self.Incarnation, ulong.MaxValue), limits, flaws);
    }

    /// <summary>What it wrote. Its join index counts only once it is a member.</summary>
    public WriterLog Log { get; }

    /// <summary>Whether this incarnation is in the view.</summary>
    public bool IsMember { get; private set; }

    /// <summary>Whether it was in a view and is no more; it never will be again.</summary>
    public bool IsEvicted { get; private set; }

    /// <summary>Whether a member is this incarnation.</summary>
    public bool IsSelf(RegistryMember member) => member.Id == _self.Id && member.Incarnation == _self.Incarnation;

    /// <summary>Goes over to a view.</summary>
    /// <returns>True when this node became a member with it.</returns>
    public bool Enter(RegistryView view)
    {
        int index = view.IndexOf(_self.Id, _self.Incarnation);
        bool wasMember = IsMember;
        IsMember = index >= 0 && !IsEvicted;
        IsEvicted |= wasMember && !IsMember;
        if (!IsMember || wasMember)
        {
            return false;
        }

        Log.Writer = view.Members[index];
        return true;
    }

    /// <summary>The entry of a name.</summary>
    public RegistryEntry? Find(string name) => _entries.GetValueOrDefault(name);

    /// <summary>The names registered for a client, oldest first.</summary>
    public string[] NamesOf(PeerId client) => [.. _byClient.GetValueOrDefault(client, []).OrderBy(name => _entries[name].Version)];

    /// <summary>Writes a name.</summary>
    public RegisterOutcome Add(string name, byte kind, RegistrationPriority priority, ReadOnlyMemory<byte> metadata, PeerId client)
    {
        RegisterOutcome outcome = Check(name, metadata);
        if (outcome != RegisterOutcome.Done)
        {
            return outcome;
        }

        if (_entries.ContainsKey(name))
        {
            return RegisterOutcome.NameTaken;
        }

        var entry = new RegistryEntry(name, Log.Counter + 1, kind, priority, metadata.ToArray(), client);
        HashSet<string>? ofClient = client.IsDefault ? null : _byClient.GetValueOrDefault(client, []);
        if (_entries.Count >= _limits.EntriesPerNodeMax || ofClient?.Count >= _limits.EntriesPerClientMax || !_room.Fits(1, entry.MemoryBytes))
        {
            _counters.RefusedByLimit++;
            return RegisterOutcome.Full;
        }

        if (ofClient is not null)
        {
            ofClient.Add(name);
            _byClient[client] = ofClient;
        }

        Log.Write(entry, replaced: 0);
        _entries.Add(name, entry);
        _room.Take(entry);
        return RegisterOutcome.Done;
    }

    /// <summary>Gives a name other metadata.</summary>
    public RegisterOutcome Change(string name, ReadOnlyMemory<byte> metadata)
    {
        RegisterOutcome outcome = Check(name, metadata);
        if (outcome != RegisterOutcome.Done)
        {
            return outcome;
        }

        if (!_entries.TryGetValue(name, out RegistryEntry? former))
        {
            return RegisterOutcome.NotRegistered;
        }

        var entry = new RegistryEntry(name, Log.Counter + 1, former.Kind, former.Priority, metadata.ToArray(), former.Client);
        if (!_room.Fits(0, entry.MemoryBytes - former.MemoryBytes))
        {
            _counters.RefusedByLimit++;
            return RegisterOutcome.Full;
        }

        Log.Write(entry, replaced: former.Version);
        _entries[name] = entry;
        _room.Free(former);
        _room.Take(entry);
        return RegisterOutcome.Done;
    }

    /// <summary>Takes a name back.</summary>
    public RegisterOutcome Remove(string name)
    {
        if (IsEvicted)
        {
            return RegisterOutcome.Evicted;
        }

        if (!_entries.Remove(name, out RegistryEntry? entry))
        {
            return RegisterOutcome.NotRegistered;
        }

        if (_byClient.TryGetValue(entry.Client, out HashSet<string>? ofClient) && ofClient.Remove(name) && ofClient.Count == 0)
        {
            _byClient.Remove(entry.Client);
        }

        Log.Erase(entry.Version);
        _room.Free(entry);
        _lost.Remove(name);
        return RegisterOutcome.Done;
    }

    /// <summary>The claims to a name changed: tells this node when it lost the name to another, or has it again.</summary>
    public void Settle(string name)
    {
        if (!IsMember || !_entries.TryGetValue(name, out RegistryEntry? own) || _claims.First(name) is not { } first)
        {
            return;
        }

        if (first.Log != Log)
        {
            if (_lost.Add(name))
            {
                _counters.NamesLost++;
                _outbox.Raise(new RegistryEvent(RegistryEventKind.Lost, 0, new Registration(first.Log.Writer, first.Entry)));
            }
        }
        else if (_lost.Remove(name))
        {
            _outbox.Raise(new RegistryEvent(RegistryEventKind.Regained, 0, new Registration(Log.Writer, own)));
        }
    }

    private RegisterOutcome Check(string name, ReadOnlyMemory<byte> metadata)
    {
        if (IsEvicted)
        {
            return RegisterOutcome.Evicted;
        }

        Span<byte> utf8 = stackalloc byte[byte.MaxValue];
        if (name.Length == 0 || Utf8.FromUtf16(name, utf8[.._limits.NameBytesMax], out _, out _, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            return RegisterOutcome.BadName;
        }

        return metadata.Length > _limits.MetadataBytesMax ? RegisterOutcome.MetadataTooLong : RegisterOutcome.Done;
    }
}
