namespace Kameo.Actors.Slots.Gate;

/// <summary>
/// The few instructions between a sender's last look at where a slot is and its request's place in a connection. Whoever changed that state waits for the senders that may have looked before (<see cref="WaitForAll"/>), and
/// knows then that what is put into the connection next is behind everything of theirs.
/// </summary>
/// <remarks>
/// A sender writes a mark of its own thread and then reads the state; the other side writes the state, has every processor of the process pass a full barrier (<see cref="Interlocked.MemoryBarrierProcessWide"/>), and then
/// reads the marks. Either the sender's read saw the new state, or its mark is seen: so senders need no fence, and pay for two plain writes. Inside there is no user code, and nothing that waits for the gate.
/// </remarks>
internal sealed class SendSections
{
    private static readonly Lock s_lock = new();
    private static WeakReference<SendSections>[] s_all = [];

    [ThreadStatic]
    private static SendSections? t_current;

    /// <summary>Odd while its thread is inside.</summary>
    private long _mark;

    private SendSections()
    {
    }

    /// <summary>This thread's.</summary>
    public static SendSections Current => t_current ?? Register();

    /// <summary>From here on the state is to be read.</summary>
    public void Enter() => Volatile.Write(ref _mark, _mark + 1);

    /// <summary>The request is in the connection, or will not be.</summary>
    public void Leave() => Volatile.Write(ref _mark, _mark + 1);

    /// <summary>Waits until every sender that may have seen a state from before this call has left. For microseconds, unless the system has taken such a thread's processor away.</summary>
    public static void WaitForAll()
    {
        Interlocked.MemoryBarrierProcessWide();
        foreach (WeakReference<SendSections> entry in Volatile.Read(ref s_all))
        {
            if (entry.TryGetTarget(out SendSections? section) && section != t_current && (Volatile.Read(ref section._mark) is var mark && (mark & 1) != 0))
            {
                SpinWait wait = default;
                while (Volatile.Read(ref section._mark) == mark)
                {
                    wait.SpinOnce();
                }
            }
        }
    }

    /// <summary>Once for each thread; those of threads that have ended are forgotten at the next.</summary>
    private static SendSections Register()
    {
        var made = new SendSections();
        lock (s_lock)
        {
            Volatile.Write(ref s_all, [.. s_all.Where(static entry => entry.TryGetTarget(out _)), new WeakReference<SendSections>(made)]);
        }

        return t_current = made;
    }
}
