namespace Kameo.Actors.Transport.Requests;

/// <summary>Asks that came over one connection and were given up by their caller while they wait here: whoever is about to handle one looks, and does not. Thread safe.</summary>
/// <remarks>An ask that was handled meanwhile is never asked for, and its number never used again: so the oldest are forgotten. Slow path: a lock is no harm, and where none was cancelled nobody takes it.</remarks>
internal sealed class CancelledAsks
{
    /// <summary>Most that are remembered; what is forgotten is handled, and its answer dropped by the caller.</summary>
    public const int Max = 1024;

    private readonly HashSet<ulong> _asks = [];
    private readonly Queue<ulong> _inOrder = new();

    /// <summary>A caller gave an ask up. The receive loop.</summary>
    public void Add(ulong correlation)
    {
        lock (_inOrder)
        {
            if (!_asks.Add(correlation))
            {
                return;
            }

            _inOrder.Enqueue(correlation);
            if (_inOrder.Count > Max)
            {
                _asks.Remove(_inOrder.Dequeue());
            }
        }
    }

    /// <summary>Whether an ask that is about to be handled was given up. Any thread.</summary>
    public bool Has(ulong correlation)
    {
        lock (_inOrder)
        {
            return _asks.Contains(correlation);
        }
    }
}
