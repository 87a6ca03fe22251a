namespace Kameo.Actors.Transport.Names.Watching;

/// <summary>What one watcher has not read yet. Guarded by the lock of the names it belongs to.</summary>
/// <remarks>
/// Bounded: where the next change finds no room all of them are dropped, and the reader starts anew from what is there then. So a slow watcher costs its buffer and misses
/// what happened in between, never how it ended.
/// </remarks>
/// <param name="pattern">The name, or how names begin.</param>
/// <param name="isPrefix">Which of the two.</param>
/// <param name="countMax">Most changes that wait.</param>
internal sealed class NameWatch(string pattern, bool isPrefix, int countMax)
{
    private readonly Queue<NameChange> _changes = [];
    private TaskCompletionSource? _reader;
    private bool _isOver;

    /// <summary>The name, or how names begin.</summary>
    public string Pattern => pattern;

    /// <summary>Whether all names are meant that begin so.</summary>
    public bool IsPrefix => isPrefix;

    /// <summary>Whether changes were dropped since the reader last started anew.</summary>
    public bool MustReset { get; private set; }

    /// <summary>Adds a change.</summary>
    /// <returns>False when this is the one that found no room.</returns>
    public bool Add(in NameChange change)
    {
        if (MustReset)
        {
            return true; // The reader will start from what is there then.
        }

        if (_changes.Count == countMax)
        {
            Reset();
            return false;
        }

        _changes.Enqueue(change);
        Wake();
        return true;
    }

    /// <summary>Drops what waits: the reader starts anew.</summary>
    public void Reset()
    {
        _changes.Clear();
        MustReset = true;
        Wake();
    }

    /// <summary>No change will come any more.</summary>
    public void End()
    {
        _isOver = true;
        Wake();
    }

    /// <summary>Takes all that waits.</summary>
    /// <param name="changes">Where to.</param>
    /// <returns>Null when something was taken, or the watch is over (then <paramref name="changes"/> is empty); else what completes once there is something.</returns>
    public Task? Take(List<NameChange> changes)
    {
        while (_changes.TryDequeue(out NameChange change))
        {
            changes.Add(change);
        }

        if (changes.Count > 0 || _isOver)
        {
            return null;
        }

        _reader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _reader.Task;
    }

    /// <summary>The reader starts anew with what it was given under the same lock.</summary>
    public void HaveReset() => MustReset = false;

    private void Wake()
    {
        _reader?.TrySetResult();
        _reader = null;
    }
}
