using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Transport.Pools;

/// <summary>The batches in which a thread puts what it makes ready. That thread's alone, but for <see cref="GiveBack"/>.</summary>
/// <param name="size">The most pieces of one: <see cref="QueuedMax"/> or <see cref="GatheredMax"/>.</param>
/// <param name="isNear">Whether they go to the thread's own queue of the pool, if it is one of the pool's, instead of the one that all take from in turn.</param>
internal sealed class ReadySource(int size, bool isNear)
{
    /// <summary>The most pieces of a batch that is queued.</summary>
    public const int QueuedMax = 32;

    /// <summary>And of one that its thread runs itself.</summary>
    public const int GatheredMax = 256;

    /// <summary>Most batches that are used again; of more at a time the others are left to the garbage collector.</summary>
    public const int KeptMax = 64;

    private ReadyBatch? _last;
    private InboxItem? _free;
    private int _kept;
    private Inbox _returned;

    /// <summary>Makes something run on the thread pool. This thread.</summary>
    public void Queue(IThreadPoolWorkItem item)
    {
        if (_last is { } last && last.TryAdd(item))
        {
            return;
        }

        _last = Begin(item);
        ThreadPool.UnsafeQueueUserWorkItem(_last, isNear);
    }

    /// <summary>Begins a batch that is not queued. This thread.</summary>
    public ReadyBatch Begin(IThreadPoolWorkItem item)
    {
        ReadyBatch batch = Rent();
        batch.Begin(item);
        return batch;
    }

    /// <summary>A batch has run. Any thread.</summary>
    public void GiveBack(ReadyBatch batch)
    {
        if (batch.IsKept)
        {
            _returned.TryPush(batch);
        }
    }

    private ReadyBatch Rent()
    {
        _free ??= _returned.TakeAll();
        if (_free is ReadyBatch free)
        {
            _free = free.NextItem;
            free.NextItem = null;
            return free;
        }

        var made = new ReadyBatch(this, size, isKept: _kept < KeptMax);
        _kept += made.IsKept ? 1 : 0;
        return made;
    }
}
