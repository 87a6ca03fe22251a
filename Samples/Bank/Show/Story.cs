namespace Samples.Bank.Show;

/// <summary>What happened, and when. Thread safe.</summary>
internal sealed class Story
{
    private readonly List<(TimeSpan At, string What)> _events = [];
    private readonly long _start = TimeProvider.System.GetTimestamp();

    /// <summary>Time since the start.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <summary>Something happened.</summary>
    public void Tell(string what)
    {
        lock (_events)
        {
            _events.Add((Now, what));
        }
    }

    /// <summary>What happened from an event on.</summary>
    public IReadOnlyList<(TimeSpan At, string What)> From(int first)
    {
        lock (_events)
        {
            return _events[Math.Min(first, _events.Count)..];
        }
    }

    /// <summary>What happened last.</summary>
    public IReadOnlyList<(TimeSpan At, string What)> Last(int count)
    {
        lock (_events)
        {
            return _events[Math.Max(0, _events.Count - count)..];
        }
    }
}
