using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>What the latest versions of a writer removed, complete from <see cref="Floor"/> on and bounded: the oldest are forgotten first.</summary>
/// <remarks>No tombstones: nothing depends on them but the bytes of a sync. Whoever is behind the floor gets a sweep.</remarks>
/// <param name="countMax">How many are remembered.</param>
internal sealed class RemovalLog(int countMax)
{
    /// <summary>Shared by all logs that are empty, and never changed.</summary>
    private static readonly List<Removal> s_none = [];

    private List<Removal> _removals = s_none;

    /// <summary>Every removal at a version above this is here.</summary>
    public ulong Floor { get; private set; }

    /// <summary>How many are remembered.</summary>
    public int Count => _removals.Count;

    /// <summary>A removal by its place, oldest first.</summary>
    public Removal this[int index] => _removals[index];

    /// <summary>The place of the first removal above a version.</summary>
    public int IndexAfter(ulong version)
    {
        int low = 0;
        int high = _removals.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_removals[middle].At <= version)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Remembers a removal, later than all others.</summary>
    public void Add(Removal removal)
    {
        if (_removals.Count == countMax)
        {
            // A quarter at a time, so that forgetting costs little a removal.
            int forgotten = Math.Max(1, countMax / 4);
            Floor = _removals[forgotten - 1].At;
            _removals.RemoveRange(0, forgotten);
        }

        if (_removals == s_none)
        {
            _removals = [];
        }

        _removals.Add(removal);
    }

    /// <summary>Forgets all: what was removed up to this version is not known one by one.</summary>
    public void Restart(ulong floor)
    {
        _removals = s_none;
        Floor = floor;
    }
}
