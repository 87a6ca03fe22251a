using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport.Names.Watching;

/// <summary>What names resolved to, so that a look-up of a name that was looked up before takes no lock and allocates nothing.</summary>
/// <remarks>
/// Read by any thread. Written under the lock of the names it belongs to only, by look-ups that found nothing here and by every change of a name, before the lock is let go: so a
/// look-up that begins after a change was applied sees it. Bounded: when full it is emptied, and what is still looked up comes back, one lock each.
/// </remarks>
/// <param name="countMax">Most names kept.</param>
internal sealed class KeptLookups(int countMax)
{
    private readonly ConcurrentDictionary<string, RemoteName?> _found = new(concurrencyLevel: 1, capacity: 31, StringComparer.Ordinal);
    private int _count;

    /// <summary>Finds what a name resolved to; null is an answer too: nobody has it.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out RemoteName? found) => _found.TryGetValue(name, out found);

    /// <summary>Keeps an answer. The lock is held.</summary>
    public void Keep(string name, RemoteName? found)
    {
        if (_count >= countMax)
        {
            Clear();
        }

        if (_found.TryAdd(name, found))
        {
            _count++;
        }
    }

    /// <summary>A name changed. The lock is held.</summary>
    public void Forget(string name)
    {
        if (_found.TryRemove(name, out _))
        {
            _count--;
        }
    }

    /// <summary>All may have changed. The lock is held.</summary>
    public void Clear()
    {
        _found.Clear();
        _count = 0;
    }
}
