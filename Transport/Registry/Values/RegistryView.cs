namespace Kameo.Actors.Transport.Registry;

/// <summary>Whose entries count: the members of one epoch. Immutable, so many cores may share one.</summary>
/// <remarks>Views are the registry's tombstones: a writer that is in no view any more is dropped with all it wrote, and an incarnation never comes back.</remarks>
internal sealed class RegistryView
{
    private readonly RegistryMember[] _members;
    private readonly Dictionary<PeerId, int> _indexes = [];

    /// <param name="epoch">The view's epoch.</param>
    /// <param name="members">Its members, in any order.</param>
    /// <exception cref="ArgumentException">Two have the same peer or the same join index.</exception>
    public RegistryView(ulong epoch, IEnumerable<RegistryMember> members)
    {
        Epoch = epoch;
        _members = [.. members.OrderBy(static member => member.JoinIndex)];
        for (int index = 0; index < _members.Length; index++)
        {
            if (!_indexes.TryAdd(_members[index].Id, index) || (index > 0 && _members[index - 1].JoinIndex == _members[index].JoinIndex))
            {
                throw new ArgumentException($"Two members share a peer or the join index {_members[index].JoinIndex}.", nameof(members));
            }
        }
    }

    /// <summary>Before the first view: nobody counts.</summary>
    public static RegistryView None { get; } = new(0, []);

    /// <summary>The view's number; only rises.</summary>
    public ulong Epoch { get; }

    /// <summary>The members, oldest first.</summary>
    public ReadOnlySpan<RegistryMember> Members => _members;

    /// <summary>How many members there are.</summary>
    public int Count => _members.Length;

    /// <summary>The place of an incarnation among <see cref="Members"/>; -1 when it is not one.</summary>
    public int IndexOf(PeerId peer, ulong incarnation) =>
        _indexes.TryGetValue(peer, out int index) && _members[index].Incarnation == incarnation ? index : -1;

    /// <summary>Finds a peer whatever its incarnation.</summary>
    public bool TryFind(PeerId peer, out RegistryMember member)
    {
        bool found = _indexes.TryGetValue(peer, out int index);
        member = found ? _members[index] : default;
        return found;
    }

    /// <summary>The place of the first member whose join index is at least this one.</summary>
    public int IndexFrom(ulong joinIndex)
    {
        int low = 0;
        int high = _members.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_members[middle].JoinIndex < joinIndex)
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
}
