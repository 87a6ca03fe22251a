namespace Kameo.Actors.Diagnostics;

/// <summary>Finds circles among actors that wait for each other.</summary>
internal static class WaitCycles
{
    /// <summary>Each actor of a circle is in one that is found; circles that share an actor may be found as one.</summary>
    /// <param name="edges">Who waits for whom.</param>
    /// <param name="max">Most circles.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Find(IEnumerable<(ActorId From, ActorId To)> edges, int max)
    {
        ILookup<ActorId, ActorId> next = edges.ToLookup(static edge => edge.From, static edge => edge.To);
        var found = new List<IReadOnlyList<string>>();
        var done = new HashSet<ActorId>();
        foreach (ActorId start in next.Select(static group => group.Key))
        {
            if (found.Count < max)
            {
                Walk(start, next, done, found, max);
            }
        }

        return found;
    }

    /// <summary>Depth first, with a stack of its own: a chain may be as long as there are actors.</summary>
    private static void Walk(ActorId start, ILookup<ActorId, ActorId> next, HashSet<ActorId> done, List<IReadOnlyList<string>> found, int max)
    {
        if (!done.Add(start))
        {
            return;
        }

        var path = new List<ActorId> { start };
        var branches = new Stack<IEnumerator<ActorId>>([next[start].GetEnumerator()]);
        while (branches.TryPeek(out IEnumerator<ActorId>? branch))
        {
            if (!branch.MoveNext())
            {
                branches.Pop();
                path.RemoveAt(path.Count - 1);
            }
            else if (path.IndexOf(branch.Current) is var index and >= 0)
            {
                if (found.Count < max)
                {
                    found.Add([.. path.Skip(index).Select(static id => id.ToString())]);
                }
            }
            else if (done.Add(branch.Current))
            {
                path.Add(branch.Current);
                branches.Push(next[branch.Current].GetEnumerator());
            }
        }
    }
}
