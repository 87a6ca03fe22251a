namespace Kameo.Actors.Transport.Views.Log;

/// <summary>
/// The view log as one node knows it: a base, which is a settled view, and every entry since with the view that it makes. Entries past the commit index may still be taken back.
/// </summary>
/// <remarks>No concurrency. The views of uncommitted entries are computed as they are appended, since the leader's grants and stewards look at the tip.</remarks>
internal sealed class ViewLog
{
    private readonly ViewRules _rules;
    private readonly List<LogPoint> _points = [];

    /// <param name="rules">The rules.</param>
    /// <param name="start">What is known at the start.</param>
    public ViewLog(ViewRules rules, LogPoint start)
    {
        _rules = rules;
        Base = start;
        CommitIndex = start.Index;
    }

    /// <summary>The settled view.</summary>
    public LogPoint Base { get; private set; }

    /// <summary>The last entry, or the base.</summary>
    public LogPoint Tip => _points.Count == 0 ? Base : _points[^1];

    /// <summary>The last entry that is agreed.</summary>
    public long CommitIndex { get; private set; }

    /// <summary>The newest agreed point.</summary>
    public LogPoint Committed => At(CommitIndex);

    /// <summary>How many entries there are since the base.</summary>
    public int Count => _points.Count;

    /// <summary>What a log starts with before anything is known: no view of no cluster.</summary>
    public static LogPoint Nothing { get; } = new(0, 0, null, new View(ClusterId.None, 0, 0, false, [], []), new Electorate([], null));

    /// <summary>The point at an index from the base to the tip.</summary>
    public LogPoint At(long index) => index == Base.Index ? Base : _points[(int)(index - Base.Index - 1)];

    /// <summary>Whether the log has an entry, or its base, of this index and term.</summary>
    public bool Has(long index, long term) => index >= Base.Index && index <= Tip.Index && At(index).Term == term;

    /// <summary>Whether a log whose last entry is this one has all that this one could have agreed to.</summary>
    public bool IsNoNewerThan(long lastIndex, long lastTerm) => lastTerm != Tip.Term ? lastTerm > Tip.Term : lastIndex >= Tip.Index;

    /// <summary>Adds an entry behind the tip.</summary>
    public LogPoint Append(LogEntry entry)
    {
        LogPoint tip = Tip;
        Invariant.Holds(entry.Index == tip.Index + 1 && entry.Term >= tip.Term, "entries follow each other, and terms never fall along the log");
        View view = entry.Kind == LogEntryKind.Change && entry.Change is { } change ? tip.View.Next(change) : tip.View;
        Electorate electorate = entry.Kind switch
        {
            LogEntryKind.Change when entry.Change?.Stewards is { } stewards => new Electorate(stewards, _rules.JointSteps ? tip.Electorate.Voters : null),
            LogEntryKind.StewardsFinal => new Electorate(tip.Electorate.Voters, null),
            _ => tip.Electorate,
        };
        LogPoint point = new(entry.Index, entry.Term, entry, view, electorate);
        _points.Add(point);
        return point;
    }

    /// <summary>
    /// Takes over entries that a leader of a term, or agreement itself, says follow <paramref name="previous"/>: those that are there stay, the first that differs and all behind it go.
    /// </summary>
    /// <returns>The index of the last of them.</returns>
    public long Merge(long previous, IReadOnlyList<LogEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            LogEntry entry = entries[i];
            if (entry.Index <= Base.Index)
            {
                continue;
            }

            if (entry.Index <= Tip.Index)
            {
                if (At(entry.Index).Term == entry.Term)
                {
                    continue;
                }

                Truncate(entry.Index);
            }

            Append(entry);
        }

        return entries.Count == 0 ? previous : entries[^1].Index;
    }

    /// <summary>Raises the commit index.</summary>
    public void Commit(long index)
    {
        Invariant.Holds(index <= Tip.Index, "only what is there is agreed");
        CommitIndex = Math.Max(CommitIndex, index);
    }

    /// <summary>Starts anew from a settled view that others agreed to.</summary>
    public void Reset(LogPoint point)
    {
        Invariant.Holds(point.Index > CommitIndex || Base.View.Cluster.IsNone, "what is agreed is not forgotten");
        _points.Clear();
        Base = point;
        CommitIndex = point.Index;
    }

    /// <summary>Makes the newest agreed view of an epoch the base, if it is there.</summary>
    public void Settle(long epoch)
    {
        int at = -1;
        for (int i = 0; i < _points.Count && _points[i].Index <= CommitIndex && _points[i].View.Epoch <= epoch; i++)
        {
            if (_points[i].View.Epoch == epoch)
            {
                at = i;
                break;
            }
        }

        if (at >= 0)
        {
            Base = _points[at] with { Entry = null };
            _points.RemoveRange(0, at + 1);
        }
    }

    /// <summary>The entries behind an index, as many as one frame takes.</summary>
    public LogEntry[] After(long index, long last)
    {
        int count = (int)Math.Min(ViewLimits.EntriesPerAppendMax, last - index);
        LogEntry[] entries = count <= 0 ? [] : new LogEntry[count];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = At(index + 1 + i).Entry!;
        }

        return entries;
    }

    /// <summary>Every entry since the base.</summary>
    public LogEntry[] All() => [.. _points.Select(static point => point.Entry!)];

    private void Truncate(long from)
    {
        Invariant.Holds(from > CommitIndex, "an agreed entry is never taken back");
        int keep = (int)(from - Base.Index - 1);
        _points.RemoveRange(keep, _points.Count - keep);
    }
}
