namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Lets a thread that is about to send many frames, one at a time, write them in few records: a batch of handled requests or of completed asks. While one is open on a thread,
/// connections that it sends to are noted, and drained when the batch ends.
/// </summary>
/// <remarks>
/// Nobody waits for a batch whose user code blocks: with the first connection noted a work item goes to the pool that drains all noted ones. With an idle core it does so at once, beside the batch; with
/// none it comes when the batch is over, and finds nothing. A connection with a full record waiting is drained by the sender itself. No lock: noted connections are a stack under one word, taken whole.
/// </remarks>
internal sealed class SendBatch : IThreadPoolWorkItem
{
    private static readonly SendBatch s_instance = new();

    [ThreadStatic]
    private static int t_depth;

    private static Connection? s_noted;
    private static int s_queued;

    /// <summary>Whether this thread is in a batch.</summary>
    public static bool IsOpen => t_depth != 0;

    /// <summary>Opens a batch on this thread; <see cref="End"/> must follow on it.</summary>
    public static void Begin() => t_depth++;

    /// <summary>Ends the batch and drains what was noted.</summary>
    public static void End()
    {
        if (--t_depth == 0)
        {
            DrainNoted();
        }
    }

    /// <summary>Notes a connection that is not noted yet, and whose frames are published.</summary>
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

        if (Interlocked.Exchange(ref s_queued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(s_instance, preferLocal: false);
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        // Before looking: what is noted from here on queues the item again.
        Interlocked.Exchange(ref s_queued, 0);
        DrainNoted();
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
}
