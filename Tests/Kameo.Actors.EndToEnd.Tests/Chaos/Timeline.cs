using System.Globalization;
using Kameo.Actors.EndToEnd.Tests.Cluster;

namespace Kameo.Actors.EndToEnd.Tests.Chaos;

/// <summary>What happened in a run, in order of time: faults, what nodes said of views, what asks came to. Thread safe.</summary>
internal sealed class Timeline
{
    private readonly List<(double At, string What)> _entries = [];
    private readonly double _start = SharedClock.Now;

    /// <summary>Something happens now.</summary>
    public void Note(string what) => Note(SharedClock.Now, what);

    /// <summary>Something happened at a moment.</summary>
    public void Note(double at, string what)
    {
        lock (_entries)
        {
            _entries.Add((at, what));
        }
    }

    /// <summary>What a node said of lives, views, settled epochs and its lease.</summary>
    /// <param name="name">Which node.</param>
    /// <param name="node">Its process.</param>
    /// <param name="nameOf">A node by its id.</param>
    public void NoteEventsOf(string name, NodeProcess node, Func<string, string> nameOf)
    {
        foreach (NodeEvent one in node.Events)
        {
            string? what = one.Name switch
            {
                "life" => $"is incarnation {one.Text("incarnation")[..4]}",
                "view" => $"has view {one.Body.GetProperty("epoch").GetInt64()} of {string.Join(' ', one.Members.Select(nameOf))}, {one.Number("up")} up, {one.Number("stewards")} stewards",
                "settled" => $"knows view {one.Body.GetProperty("epoch").GetInt64()} as settled",
                "serving" => one.Flag("serves") ? "has a lease" : "has no lease",
                "failure" => $"sees {one.Text("name")}, {one.Text("outcome")}: {one.Text("message")}",
                "left" => "has left",
                _ => null,
            };
            if (what is not null)
            {
                Note(one.At, $"{name} {what}");
            }
        }
    }

    /// <summary>How often something happened in each second.</summary>
    public void NoteCounts(IEnumerable<(double At, string What)> events)
    {
        foreach (IGrouping<long, (double At, string What)> second in events.GroupBy(one => (long)((one.At - _start) / 1000)))
        {
            IEnumerable<string> counts = second.GroupBy(static one => one.What, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal).Select(static group => $"{group.Count()} {group.Key}");
            Note(_start + (second.Key * 1000) + 999, $"  in this second: {string.Join(", ", counts)}");
        }
    }

    /// <summary>A moment as seconds since the start.</summary>
    public string TimeOf(double at) => ((at - _start) / 1000).ToString("0.000", CultureInfo.InvariantCulture);

    public override string ToString()
    {
        lock (_entries)
        {
            return string.Join('\n', _entries.OrderBy(static entry => entry.At).Select(entry => $"{TimeOf(entry.At),8}  {entry.What}"));
        }
    }
}
