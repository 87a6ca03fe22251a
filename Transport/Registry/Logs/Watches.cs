namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>Who is told of changes to which names. Watches of one name are found by it; those of a prefix are tried one by one.</summary>
internal sealed class Watches(RegistryLimits limits, RegistryOutbox outbox)
{
    private readonly Dictionary<string, List<int>> _exact = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, int Id)> _prefixes = [];
    private readonly Dictionary<int, (string Pattern, bool IsPrefix)> _patterns = [];
    private int _lastId;

    /// <summary>How many there are.</summary>
    public int Count => _patterns.Count;

    /// <summary>Begins a watch.</summary>
    /// <returns>Its number, from 1; 0 when there are as many as allowed.</returns>
    public int Add(string pattern, bool isPrefix)
    {
        if (_patterns.Count >= limits.WatchesMax)
        {
            return 0;
        }

        int id = ++_lastId;
        _patterns.Add(id, (pattern, isPrefix));
        if (isPrefix)
        {
            _prefixes.Add((pattern, id));
        }
        else if (_exact.TryGetValue(pattern, out List<int>? ids))
        {
            ids.Add(id);
        }
        else
        {
            _exact.Add(pattern, [id]);
        }

        return id;
    }

    /// <summary>Ends a watch.</summary>
    public void Remove(int id)
    {
        if (!_patterns.Remove(id, out (string Pattern, bool IsPrefix) watch))
        {
            return;
        }

        if (watch.IsPrefix)
        {
            _prefixes.RemoveAll(prefix => prefix.Id == id);
        }
        else if (_exact[watch.Pattern] is { } ids && ids.Remove(id) && ids.Count == 0)
        {
            _exact.Remove(watch.Pattern);
        }
    }

    /// <summary>Tells all whom it concerns.</summary>
    public void Raise(RegistryEventKind kind, in Registration registration, RegistryEntry? former = null)
    {
        if (_patterns.Count == 0)
        {
            return;
        }

        string name = registration.Entry.Name;
        if (_exact.TryGetValue(name, out List<int>? ids))
        {
            foreach (int id in ids)
            {
                outbox.Raise(new RegistryEvent(kind, id, registration, former));
            }
        }

        foreach ((string prefix, int id) in _prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                outbox.Raise(new RegistryEvent(kind, id, registration, former));
            }
        }
    }
}
