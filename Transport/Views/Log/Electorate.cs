namespace Kameo.Actors.Transport.Views.Log;

/// <summary>The stewards that decide at a place of the log. During a change of stewards that takes a majority of the new ones and a majority of the former ones (joint consensus: Raft, USENIX ATC 2014, section 6).</summary>
/// <param name="Voters">The stewards.</param>
/// <param name="Former">The stewards before, while the change lasts; else null.</param>
internal sealed record Electorate(IReadOnlyList<MemberId> Voters, IReadOnlyList<MemberId>? Former)
{
    /// <summary>Whether a change is under way.</summary>
    public bool IsJoint => Former is not null;

    /// <summary>Whether it has a voice.</summary>
    public bool Contains(in MemberId id) => IsIn(Voters, id) || (Former is not null && IsIn(Former, id));

    /// <summary>Everyone with a voice, once.</summary>
    public IEnumerable<MemberId> All() => Former is null ? Voters : Voters.Union(Former);

    /// <summary>Whether the members of whom a condition holds are a majority, of both sets during a change.</summary>
    public bool IsMajority<TState>(TState state, Func<TState, MemberId, bool> holds) =>
        IsMajorityOf(Voters, state, holds) && (Former is null || IsMajorityOf(Former, state, holds));

    private static bool IsMajorityOf<TState>(IReadOnlyList<MemberId> set, TState state, Func<TState, MemberId, bool> holds)
    {
        int count = 0;
        for (int i = 0; i < set.Count; i++)
        {
            if (holds(state, set[i]))
            {
                count++;
            }
        }

        return count * 2 > set.Count;
    }

    private static bool IsIn(IReadOnlyList<MemberId> set, in MemberId id)
    {
        for (int i = 0; i < set.Count; i++)
        {
            if (set[i] == id)
            {
                return true;
            }
        }

        return false;
    }
}
