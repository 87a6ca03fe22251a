namespace Kameo.Actors.Transport.Names.Watching;

/// <summary>Who watches which names, and who waits for one to appear. Guarded by the lock of the names it belongs to.</summary>
/// <param name="countMax">Most watches and, apart from them, most waits.</param>
internal sealed class NameWatches(int countMax)
{
    private readonly Dictionary<string, List<NameWatch>> _exact = new(StringComparer.Ordinal);
    private readonly List<NameWatch> _prefixes = [];
    private readonly Dictionary<string, NameWait> _waits = new(StringComparer.Ordinal);
    private int _count;
    private bool _isOver;

    /// <summary>How many watches there are.</summary>
    public int Count => _count;

    /// <summary>How often a watcher was too slow.</summary>
    public long Overflows { get; private set; }

    /// <summary>Begins a watch.</summary>
    /// <exception cref="InvalidOperationException">There are as many as allowed.</exception>
    public void Add(NameWatch watch)
    {
        if (_count >= countMax)
        {
            throw new InvalidOperationException($"{countMax} watches of names stand already, as many as the limit allows.");
        }

        _count++;
        if (watch.IsPrefix)
        {
            _prefixes.Add(watch);
        }
        else if (_exact.TryGetValue(watch.Pattern, out List<NameWatch>? watches))
        {
            watches.Add(watch);
        }
        else
        {
            _exact.Add(watch.Pattern, [watch]);
        }

        if (_isOver)
        {
            watch.End();
        }
    }

    /// <summary>Ends a watch.</summary>
    public void Remove(NameWatch watch)
    {
        _count--;
        if (watch.IsPrefix)
        {
            _prefixes.Remove(watch);
        }
        else if (_exact.TryGetValue(watch.Pattern, out List<NameWatch>? watches) && watches.Remove(watch) && watches.Count == 0)
        {
            _exact.Remove(watch.Pattern);
        }
    }

    /// <summary>What completes when the name is registered next; shared by all who wait for the same. Each of them says when it has done so.</summary>
    /// <exception cref="InvalidOperationException">As many names as allowed are waited for.</exception>
    public NameWait WaitFor(string name)
    {
        ObjectDisposedException.ThrowIf(_isOver, typeof(TransportNode));
        if (!_waits.TryGetValue(name, out NameWait? wait))
        {
            if (_waits.Count >= countMax)
            {
                throw new InvalidOperationException($"{countMax} names are waited for already, as many as the limit allows.");
            }

            wait = new NameWait();
            _waits.Add(name, wait);
        }

        wait.Waiters++;
        return wait;
    }

    /// <summary>One of those who waited for a name does so no more.</summary>
    public void Forget(string name, NameWait wait)
    {
        if (--wait.Waiters == 0 && _waits.TryGetValue(name, out NameWait? known) && known == wait)
        {
            _waits.Remove(name);
        }
    }

    /// <summary>Tells all whom it concerns.</summary>
    public void Raise(in NameChange change)
    {
        if (change.Kind != NameChangeKind.Removed && _waits.Remove(change.Name, out NameWait? wait))
        {
            wait.Source.TrySetResult();
        }

        if (_count == 0)
        {
            return;
        }

        if (_exact.TryGetValue(change.Name, out List<NameWatch>? watches))
        {
            foreach (NameWatch watch in watches)
            {
                Overflows += watch.Add(change) ? 0 : 1;
            }
        }

        foreach (NameWatch watch in _prefixes)
        {
            if (change.Name.StartsWith(watch.Pattern, StringComparison.Ordinal))
            {
                Overflows += watch.Add(change) ? 0 : 1;
            }
        }
    }

    /// <summary>Everything known is void: all start anew.</summary>
    public void ResetAll()
    {
        foreach (NameWatch watch in All())
        {
            watch.Reset();
        }
    }

    /// <summary>The node stops: watches end, waits fail.</summary>
    public void EndAll()
    {
        _isOver = true;
        foreach (NameWatch watch in All())
        {
            watch.End();
        }

        foreach (NameWait wait in _waits.Values)
        {
            wait.Source.TrySetException(new ObjectDisposedException(nameof(TransportNode)));
        }

        _waits.Clear();
    }

    private IEnumerable<NameWatch> All() => _prefixes.Concat(_exact.Values.SelectMany(static watches => watches));
}
