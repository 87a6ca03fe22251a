namespace Kameo.Actors.Transport.Pools;

/// <summary>
/// What one thread made ready, piece after piece: it is queued with the first one, and takes more until somebody begins to run it. So where the pool has much to do, several pieces share a hop, in the place that the first one has in the pool's queue. While one of
/// them takes long or blocks, those behind it wait for the batch's successor (<see cref="SharedBatch"/>), which then goes to the end of that queue.
/// </summary>
/// <remarks>
/// Only the thread that made it adds. It counts a piece in by compare-exchange on <c>_count</c>, after it has stored it (release); the first to run the batch takes the count by an exchange (acquire), after which the compare-exchange fails and
/// the piece begins another batch. A batch that has run comes back to that thread alone: so if that was about to add to one that ran meanwhile, it adds to none or to its own, and no version is needed.
/// </remarks>
/// <param name="source">Whose it is.</param>
/// <param name="size">The most pieces.</param>
/// <param name="isKept">Whether it is used again.</param>
internal sealed class ReadyBatch(ReadySource source, int size, bool isKept) : SharedBatch
{
    private const int Closed = -1;
    private const int Open = -1;

    private readonly Place[] _items = new Place[size];

    /// <summary>How many there are, or <see cref="Closed"/>. Both sides.</summary>
    private int _count;

    /// <summary>How many there were when it was closed, or <see cref="Open"/>.</summary>
    private int _end;

    /// <summary>Whether it is used again.</summary>
    public bool IsKept => isKept;

    /// <summary>Begins it with its first piece. Its thread, while nobody else has it.</summary>
    public void Begin(IThreadPoolWorkItem first)
    {
        Begin();
        _items[0].Item = first;
        _end = Open;
        Volatile.Write(ref _count, 1);
    }

    /// <summary>Adds a piece. Its thread only.</summary>
    /// <returns>False if it is full, or runs.</returns>
    public bool TryAdd(IThreadPoolWorkItem item)
    {
        int count = Volatile.Read(ref _count);
        if ((uint)count >= (uint)_items.Length)
        {
            return false;
        }

        _items[count].Item = item;
        if (Interlocked.CompareExchange(ref _count, count + 1, count) == count)
        {
            return true;
        }

        _items[count].Item = null; // Whoever runs it does not look there.
        return false;
    }

    /// <inheritdoc/>
    protected override int Close()
    {
        if (_end == Open)
        {
            _end = Interlocked.Exchange(ref _count, Closed);
        }

        return _end;
    }

    /// <inheritdoc/>
    protected override void Run(int index)
    {
        IThreadPoolWorkItem item = _items[index].Item!;
        _items[index].Item = null;
        item.Execute();
    }

    /// <inheritdoc/>
    protected override void Recycle() => source.GiveBack(this);

    /// <summary>An element without the type check that a store into an array of an interface takes.</summary>
    private struct Place
    {
        public IThreadPoolWorkItem? Item;
    }
}
