using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Activations;

/// <summary>The call of an activation that waits until <c>[ReadOnly]</c> turns end, and how long others of these are held back for it. Made at the first need; the executor's, but for what says otherwise.</summary>
/// <remarks>
/// Bound: those that come are held back for <see cref="HeldMillisecondsFirst"/>; then all that wait start, and further ones are held back for twice as long, up to <see cref="HeldMillisecondsMax"/>. So a write gets its turn among reads that each
/// take less than that, and one that waits for a read which takes longer delays others by no more.
/// </remarks>
internal sealed class WaitingWrite
{
    /// <summary>For how long calls are held back at first: about as long as an actor is left alone before deadlocks are looked for.</summary>
    public const int HeldMillisecondsFirst = 100;

    /// <summary>For how long at most: a tenth of the time that an ask has (<see cref="ActorNodeOptions.AskTimeout"/>).</summary>
    public const int HeldMillisecondsMax = 3200;

    private InboxItem? _write;
    private long _dequeued;
    private int _heldMilliseconds;
    private long _until;
    private long _wakeAt = long.MaxValue;

    /// <summary>How many may pass now.</summary>
    public int MayPass { get; private set; }

    /// <summary>It is looked at.</summary>
    /// <param name="write">The call. Another one, and it begins anew.</param>
    /// <param name="dequeued">Calls taken out of the mailbox: none that this did not hear of, or the object may be another call by now.</param>
    public void See(InboxItem write, long dequeued)
    {
        if (!ReferenceEquals(_write, write) || _dequeued != dequeued)
        {
            _write = write;
            _dequeued = dequeued;
            _heldMilliseconds = HeldMillisecondsFirst;
            _until = 0;
            MayPass = 0;
        }
    }

    /// <summary>One would pass it.</summary>
    /// <returns>Whether those that wait have been held back for long enough.</returns>
    public bool HoldBack(long now)
    {
        if (_until == 0)
        {
            _until = now + _heldMilliseconds;
            Interlocked.Exchange(ref _wakeAt, _until);
        }

        return now >= _until;
    }

    /// <summary>Those that wait may pass; what comes later is held back for longer.</summary>
    public void LetIn(int count)
    {
        MayPass = count;
        _until = 0;
        _heldMilliseconds = Math.Min(_heldMilliseconds * 2, HeldMillisecondsMax);
    }

    /// <summary>One is about to pass it.</summary>
    public void OnPassed(InboxItem write, long dequeued, bool isRead)
    {
        if (ReferenceEquals(_write, write) && _dequeued == dequeued)
        {
            _dequeued++;
            MayPass -= isRead && MayPass != 0 ? 1 : 0;
        }
    }

    /// <summary>Whether the executor is to look, since the time has come: said once for each time. Any thread.</summary>
    public bool TryWake(long now)
    {
        long at = Volatile.Read(ref _wakeAt);
        return at <= now && Interlocked.CompareExchange(ref _wakeAt, long.MaxValue, at) == at;
    }
}
