using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Lets a thread that is about to send many frames, one at a time, write them in few records: a batch of handled requests or of completed asks. While one is open on a thread,
/// connections that it sends to are noted, and drained when the batch ends.
/// </summary>
/// <remarks>
/// Nobody waits for a batch whose user code blocks or takes long: then a work item goes to the pool that drains all noted ones (<see cref="StretchWatch"/>), and one more for each that is noted later. A connection with a full record waiting is
/// drained by the sender itself. No lock: noted connections are a stack under one word, taken whole.
/// </remarks>
internal sealed class SendBatch : IHeldWork
{
    [ThreadStatic]
    private static SendBatch? t_own;

    private static readonly Drainer s_drainer = new();
    private static Connection? s_noted;

    private int _depth;

    /// <summary>Whether it is known to take long. Partner of the look in <see cref="Note"/>, after the push: <see cref="IHeldWork.HandOver"/>, which queues the drainer after this.</summary>
    private bool _isLong;

    /// <summary>Whether this thread is in a batch.</summary>
    public static bool IsOpen => t_own is { _depth: not 0 };

    /// <summary>Opens a batch on this thread; <see cref="End"/> must follow on it.</summary>
    public static void Begin()
    {
        SendBatch own = t_own ??= new SendBatch();
        if (own._depth++ == 0)
        {
            own._isLong = false;
            Stretch.Current.Begin(own);
        }
    }

    /// <summary>Ends the batch and drains what was noted.</summary>
    public static void End()
    {
        SendBatch own = t_own!;
        if (--own._depth == 0)
        {
            Stretch.Current.End();
            DrainNoted();
        }
    }

    /// <summary>Notes a connection that is not noted yet, and whose frames are published. In a batch.</summary>
    public static void Note(Connection connection)
    {
        Connection? top = Volatile.Read(ref s_noted);
        while (true)
        {
            connection.NextNoted = top;
            Connection? before = Interlocked.CompareExchange(ref s_noted, connection, top);
            if (ReferenceEquals(before, top))
            {
                break;
            }

            top = before;
        }

        if (Volatile.Read(ref t_own!._isLong))
        {
            s_drainer.Queue();
        }
    }

    /// <inheritdoc/>
    void IHeldWork.HandOver()
    {
        Volatile.Write(ref _isLong, true);
        s_drainer.Queue();
    }

    private static void DrainNoted()
    {
        Connection? connection = Volatile.Read(ref s_noted) is null ? null : Interlocked.Exchange(ref s_noted, null);
        while (connection is not null)
        {
            Connection? next = connection.NextNoted;
            connection.NextNoted = null;
            connection.DrainNoted();
            connection = next;
        }
    }

    private sealed class Drainer : IThreadPoolWorkItem
    {
        private int _isQueued;

        public void Queue()
        {
            if (Interlocked.Exchange(ref _isQueued, 1) == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        void IThreadPoolWorkItem.Execute()
        {
            // Before looking: what is noted from here on queues it again.
            Interlocked.Exchange(ref _isQueued, 0);
            DrainNoted();
        }
    }
}
