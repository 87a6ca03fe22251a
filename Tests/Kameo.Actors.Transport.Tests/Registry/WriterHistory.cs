using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>All that one incarnation ever wrote, as the world knows it and no node does.</summary>
internal sealed class WriterHistory
{
    private readonly Dictionary<ulong, string> _names = [];
    private readonly Dictionary<ulong, ulong> _removedAt = [];
    private readonly SortedDictionary<string, ulong> _live = new(StringComparer.Ordinal);

    /// <summary>The writer's version now.</summary>
    public ulong Version { get; private set; }

    /// <summary>Names that live now, and their versions.</summary>
    public IReadOnlyDictionary<string, ulong> Live => _live;

    public void Wrote(string name, ulong version)
    {
        Removed(name, version);
        _names.Add(version, name);
        _live.Add(name, version);
    }

    public void Removed(string name, ulong version)
    {
        if (_live.Remove(name, out ulong victim))
        {
            _removedAt.Add(victim, version);
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

        var versions = new HashSet<ulong>();
        ulong previous = 0;
        foreach (RegistryEntry entry in held)
        {
            if (entry.Version <= previous || entry.Version > counter || _names.GetValueOrDefault(entry.Version) != entry.Name)
            {
                return $"{entry} is out of order, above the counter {counter} or was never written";
            }

            if (_removedAt.TryGetValue(entry.Version, out ulong removedAt) && removedAt <= counter)
            {
                return $"{entry} was removed at {removedAt}, which the counter {counter} has passed";
            }

            previous = entry.Version;
            versions.Add(entry.Version);
        }

        foreach ((string name, ulong version) in _live)
        {
            if (version <= counter && !versions.Contains(version))
            {
                return $"{name}#{version} lives and is missing, though the counter is {counter}";
            }
        }

        return null;
    }
}
