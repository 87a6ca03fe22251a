using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Simulation.Names;

/// <summary>All that one incarnation ever wrote, in all its processes, as the world knows it and no node does.</summary>
internal sealed class NameLedger
{
    private readonly Dictionary<ulong, string> _names = [];
    private readonly Dictionary<ulong, ulong> _removedAt = [];
    private readonly SortedDictionary<string, ulong> _live = new(StringComparer.Ordinal);

    /// <summary>The writer's version now.</summary>
    public ulong Version { get; private set; }

    /// <summary>Names that live now, and their versions.</summary>
    public IReadOnlyDictionary<string, ulong> Live => _live;

    /// <summary>A process begins behind a version: nothing of the one before lives any more.</summary>
    public void BeginsAfter(ulong version)
    {
        foreach (string name in _live.Keys.ToArray())
        {
            Removed(name, version);
        }

        Version = version;
    }

    public void Wrote(string name, ulong version)
    {
        if (_live.Remove(name, out ulong replaced))
        {
            _removedAt[replaced] = version;
        }

        _names[version] = name;
        _live[name] = version;
        Version = version;
    }

    public void Removed(string name, ulong version)
    {
        if (_live.Remove(name, out ulong victim))
        {
            _removedAt[victim] = version;
        }

        Version = version;
    }

    /// <summary>What is wrong with what somebody holds of this writer at a counter; null for nothing.</summary>
    public string? Check(ulong counter, IReadOnlyList<RegistryEntry> held)
    {
        if (counter > Version)
        {
            return $"counter {counter} is above the writer's {Version}";
        }

        ulong previous = 0;
        int living = 0;
        foreach (RegistryEntry entry in held)
        {
            if (entry.Version <= previous || entry.Version > counter || _names.GetValueOrDefault(entry.Version) != entry.Name)
            {
                return $"{entry} is out of order, above the counter {counter} or was never written";
            }

            if (_removedAt.TryGetValue(entry.Version, out ulong removedAt))
            {
                if (removedAt <= counter)
                {
                    return $"{entry} was removed at {removedAt}, which the counter {counter} has passed";
                }
            }
            else
            {
                living++;
            }

            previous = entry.Version;
        }

        int expected = 0;
        foreach (ulong version in _live.Values)
        {
            expected += version <= counter ? 1 : 0;
        }

        return living < expected ? $"{expected - living} that live are missing, though the counter is {counter}" : null;
    }
}
