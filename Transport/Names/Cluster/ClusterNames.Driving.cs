using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <content>What runs the core: messages and time in, messages and events out.</content>
/// <remarks>
/// Every input begins with <see cref="TakeToldLocked"/> and ends with <see cref="FinishLocked"/>, which takes all that the core wants done, and then, without the lock, <see cref="Deliver"/>. One thread delivers at a time, in
/// the order in which the core asked for it; who comes meanwhile leaves its part to that thread.
/// No wake-up is lost: whenever the lock is free, <c>_timerAt</c> is the time for which the timer is set or has fired with its callback still to come, and it is not later than
/// the core's deadline. Both are changed under the lock only; a callback first declares the timer unset and, like every input, sets it again at the end. A callback that comes
/// too early or twice finds nothing due.
/// </remarks>
internal sealed partial class ClusterNames
{
    /// <summary>Messages that wait while another thread sends; beyond it they are dropped, which digests repair. As many as a change pushed to a thousand members, four times.</summary>
    private const int PacketsMax = 4_096;

    /// <summary>When the timer comes again after an input that failed: often enough to go on, seldom enough not to spin.</summary>
    private static readonly TimeSpan s_retryAfterFailure = TimeSpan.FromSeconds(1);

    private readonly ITimer _timer;
    private Queue<RegistryPacket> _packets = [];
    private Queue<RegistryPacket> _sending = [];
    private Queue<(VisibleWait Wait, WaitOutcome Outcome)> _ended = [];
    private Queue<(VisibleWait Wait, WaitOutcome Outcome)> _ending = [];
    private TimeSpan _timerAt = RegistryTiming.Never;
    private bool _isDelivering;
    private bool _isStopped;

    private TimeSpan Now => TimeSpan.FromMilliseconds(Node.Clock.NowMilliseconds);

    /// <inheritdoc/>
    public override string? Handle(PeerId writer, ulong incarnation, ReadOnlySpan<byte> payload)
    {
        string? wrong;
        lock (Gate)
        {
            if (_isStopped)
            {
                return null;
            }

            TakeToldLocked();
            Traffic.BytesReceived += payload.Length;
            wrong = _core.Handle(Now, new RegistrySource(writer, incarnation), payload);
            FinishLocked();
        }

        Deliver();
        return wrong;
    }

    /// <inheritdoc/>
    public override void OnOpen(Connection connection)
    {
        lock (Gate)
        {
            TakeToldLocked();
            _core.HandleConnected(connection.PeerId);
            FinishLocked();
        }

        Deliver();
        _upstream?.Wake();
    }

    /// <summary>Nothing: who is gone is for the views to say; what was not heard meanwhile is asked for when a connection stands again.</summary>
    public override void OnGone(PeerId peer)
    {
    }

    /// <summary>Nothing: the core's deadlines have a timer of their own, which is finer.</summary>
    public override void Tick()
    {
    }

    /// <inheritdoc/>
    public override void Stop()
    {
        lock (Gate)
        {
            _isStopped = true;
            EndWaitsLocked();
        }

        Deliver();
        _timer.Dispose();
        _upstream?.Stop();
        base.Stop();
    }

    private void OnTimer() => Run(() =>
    {
        _timerAt = RegistryTiming.Never;
        if (!_isStopped)
        {
            _core.HandleDeadline(Now);
        }
    });

    /// <summary>An input that comes from the timer or the thread pool, which a bug of the registry must not take down.</summary>
    private void Run(Action input)
    {
        try
        {
            lock (Gate)
            {
                TakeToldLocked();
                input();
                FinishLocked();
            }

            Deliver();
        }
        catch (Exception exception)
        {
            Node.LogRegistryFailed(exception);
            lock (Gate)
            {
                if (!_isStopped)
                {
                    _timerAt = Now + s_retryAfterFailure;
                    _timer.Change(s_retryAfterFailure, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    /// <summary>Takes what the core wants done. The last thing under the lock after every input.</summary>
    private void FinishLocked()
    {
        while (_core.TryTake(out RegistryEvent happened))
        {
            OnEventLocked(happened);
        }

        while (_core.TryTake(out RegistryPacket packet))
        {
            if (_packets.Count < PacketsMax)
            {
                _packets.Enqueue(packet);
            }
            else
            {
                Traffic.CountDropped();
            }
        }

        while (_core.TryTake(out WaitEnd end))
        {
            if (_waits.Remove(end.Id, out VisibleWait? wait))
            {
                _ended.Enqueue((wait, end.Outcome));
            }
        }

        ArmLocked();
    }

    private void ArmLocked()
    {
        TimeSpan next = _core.NextDeadline;
        if (next >= _timerAt || _isStopped)
        {
            return; // It fires early enough, and is then set anew.
        }

        _timerAt = next;
        TimeSpan wait = next - Now;
        // Up to whole milliseconds, the timer's grain: rounded down it would fire before the deadline, again and again.
        _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), int.MaxValue)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends what is to be sent and ends the waits that are over. Without the lock.</summary>
    private void Deliver()
    {
        bool mine = false;
        while (true)
        {
            lock (Gate)
            {
                if (_isDelivering && !mine)
                {
                    return; // That thread looks here again before it leaves.
                }

                mine = _packets.Count > 0 || _ended.Count > 0;
                _isDelivering = mine;
                if (!mine)
                {
                    return;
                }

                (_packets, _sending) = (_sending, _packets);
                (_ended, _ending) = (_ending, _ended);
            }

            while (_sending.TryDequeue(out RegistryPacket packet))
            {
                Send(packet);
            }

            while (_ending.TryDequeue(out (VisibleWait Wait, WaitOutcome Outcome) end))
            {
                end.Wait.End(end.Outcome);
            }
        }
    }

    private void Send(in RegistryPacket packet)
    {
        if (Node.FindPeer(packet.To)?.Connection is not { } connection)
        {
            Traffic.CountDropped();
            return;
        }

        try
        {
            if (!connection.TryPutGossip(packet.Bytes.Span))
            {
                Traffic.CountDropped();
            }
        }
        catch (Exception exception)
        {
            // A bug, met on this connection: messages to others go on.
            Node.LogInternalError(exception, connection);
            connection.Close(CloseReason.InternalError, exception.Message);
        }
    }

    private void OnEventLocked(in RegistryEvent happened)
    {
        (RegistryMember owner, RegistryEntry entry) = happened.Registration;
        NameRegistration? own = _own.GetValueOrDefault(entry.Name);
        if (happened.Kind is RegistryEventKind.Lost or RegistryEventKind.Regained)
        {
            own?.Settle(isLost: happened.Kind == RegistryEventKind.Lost);
            return;
        }

        NameChangeKind kind = happened.Kind switch
        {
            RegistryEventKind.Added => NameChangeKind.Added,
            RegistryEventKind.Changed => NameChangeKind.Changed,
            _ => NameChangeKind.Removed,
        };
        OnChangedLocked(new NameChange(kind, entry.Name, OwnerOf(happened.Registration), entry.Metadata));
        if (_upstream is null || own is null)
        {
            return;
        }

        SettleClientLocked(own);
        if (kind == NameChangeKind.Removed && entry.Client == Node.Id && owner.Id == _followed?.Id)
        {
            _upstream.SetLocked(own); // The member took this client for gone. It is not: that is said again.
        }
    }

    /// <summary>A client sees for itself whether it has its name; a member is told by its core.</summary>
    private void SettleClientLocked(NameRegistration own)
    {
        if (_core.Find(own.Name) is { } first)
        {
            own.Settle(isLost: first.Entry.Client != Node.Id);
        }
    }
}
