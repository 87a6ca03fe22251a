using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>Keeps the names of a client registered at the member that it follows: says what differs, one order after the other, and all anew after a move.</summary>
/// <remarks>
/// State, not events: for each name what is wanted, and whether the member has confirmed just that. An order that was lost, or answered too late, is repeated; repeating does no harm.
/// One loop sends. Methods that end in Locked are called with the lock of the names held; it is never held across a send.
/// </remarks>
/// <param name="node">The client.</param>
/// <param name="gate">The lock of the names.</param>
/// <param name="isSeenLocked">Whether this client sees a name as its own: from then on it hears when its member takes it away.</param>
internal sealed class UpstreamNames(TransportNode node, Lock gate, Func<string, bool> isSeenLocked)
{
    private static readonly OutboundTarget s_target = new([IdSpace.NameOrder, 0]);
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retryFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_retryMax = TimeSpan.FromSeconds(5);

    /// <summary>How long after the member has confirmed a name the client should see it. If it does not by then, the name may be gone already, before it was ever seen: it is said again.</summary>
    private static readonly TimeSpan s_seenWithin = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, WantedName> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _due = [];
    private readonly List<string> _later = [];
    private TaskCompletionSource _changed = NewSource();
    private PeerId _member;
    private long _moves;
    private long _laterAt = long.MaxValue;
    private TimeSpan _retry = s_retryFirst;
    private bool _isRunning;
    private bool _isStopped;

    /// <summary>Wants a name registered as it is now.</summary>
    public void SetLocked(NameRegistration registration)
    {
        if (!_names.TryGetValue(registration.Name, out WantedName? wanted))
        {
            _names.Add(registration.Name, wanted = new WantedName());
        }

        wanted.Registration = registration;
        ChangeLocked(registration.Name, wanted);
    }

    /// <summary>Wants a name registered no more.</summary>
    public void RemoveLocked(string name)
    {
        if (!_names.TryGetValue(name, out WantedName? wanted))
        {
            return;
        }

        wanted.Registration = null;
        if (!wanted.MayBeKnown)
        {
            _names.Remove(name); // No member ever heard of it.
        }

        ChangeLocked(name, wanted);
    }

    /// <summary>Follows through another member, or another life of it: it knows nothing of this client, and the one before forgets it.</summary>
    public void MoveToLocked(PeerId member)
    {
        _member = member;
        _moves++;
        _due.Clear();
        _later.Clear();
        _laterAt = long.MaxValue;
        _retry = s_retryFirst;
        foreach ((string name, WantedName wanted) in _names.ToArray())
        {
            wanted.MayBeKnown = false;
            wanted.IsDue = false; // The queue was emptied.
            if (wanted.Registration is null)
            {
                _names.Remove(name);
            }
            else
            {
                ChangeLocked(name, wanted);
            }
        }
    }

    /// <summary>A connection opened: what failed for want of one is tried at once.</summary>
    public void Wake()
    {
        lock (gate)
        {
            _laterAt = _later.Count > 0 ? 0 : _laterAt;
            SignalLocked();
        }
    }

    /// <summary>The node stops.</summary>
    public void Stop()
    {
        lock (gate)
        {
            _isStopped = true;
            SignalLocked();
        }
    }

    /// <summary>Waits until every member knows a registration as it is now.</summary>
    /// <exception cref="TimeoutException">That took longer.</exception>
    /// <exception cref="TransportException">The member does not take the name.</exception>
    public async Task WaitVisibleAsync(NameRegistration registration, TimeSpan timeout, CancellationToken cancellation)
    {
        long deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : node.Clock.After(timeout);
        while (true)
        {
            Task changed;
            ulong version;
            PeerId member;
            lock (gate)
            {
                WantedName? wanted = _names.GetValueOrDefault(registration.Name);
                ObjectDisposedException.ThrowIf(_isStopped || wanted?.Registration != registration, registration);
                if (wanted.Refusal is { } refusal)
                {
                    throw new TransportException(CloseReason.None, $"The member {_member.ToShortString()} does not register '{registration.Name}': {refusal}. It is asked again from time to time.");
                }

                (version, member, changed) = (wanted.Version, _member, _changed.Task);
            }

            long left = deadline - node.Clock.NowMilliseconds;
            if (left <= 0)
            {
                throw new TimeoutException($"Not every member knew '{registration.Name}' within {timeout.TotalSeconds:0.###} s.");
            }

            if (version != 0)
            {
                var order = new NameOrder(NameOrderKind.AwaitVisible, string.Empty, default, default, version, (uint)Math.Min(left, uint.MaxValue));
                NameOrderAnswer? answer = await AskAsync(member, order, node.Clock.After(TimeSpan.FromMilliseconds(Math.Min(left, 60_000))), cancellation).ConfigureAwait(false);
                switch (answer?.Outcome)
                {
                    case NameOrderOutcome.Done:
                        return;
                    case NameOrderOutcome.Full:
                        throw new InvalidOperationException($"The member {member.ToShortString()} has as many waits under way as its limit allows.");
                    case NameOrderOutcome.NotVisible:
                        continue;
                }

                left = Math.Min(left, (long)s_retryFirst.TotalMilliseconds); // The member is gone or excluded: another one follows, and its change is waited for.
            }

            await WaitAsync(changed, left, cancellation).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Describe(NameOrderOutcome outcome) => outcome switch
    {
        NameOrderOutcome.NameTaken => "the member itself, or another client of it, has that name",
        NameOrderOutcome.Full => "its limits have no room for it",
        _ => "it takes the name for malformed",
    };

    private void ChangeLocked(string name, WantedName wanted)
    {
        wanted.Edit++;
        wanted.Version = 0;
        wanted.Refusal = null;
        if (!wanted.IsDue && _names.ContainsKey(name))
        {
            wanted.IsDue = true;
            _due.Enqueue(name);
        }

        if (!_isRunning && !_isStopped && !_member.IsDefault)
        {
            _isRunning = true;
            _ = Task.Run(RunAsync);
        }

        SignalLocked();
    }

    private void SignalLocked()
    {
        TaskCompletionSource changed = _changed;
        _changed = NewSource();
        changed.TrySetResult();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            Task changed;
            long wait;
            WantedName? wanted = null;
            NameOrder? order = null;
            PeerId member;
            long edit = 0;
            long moves;
            lock (gate)
            {
                if (_isStopped)
                {
                    return;
                }

                (changed, member, moves) = (_changed.Task, _member, _moves);
                (string name, wanted) = TakeLocked();
                wait = _later.Count > 0 ? Math.Max(1, _laterAt - node.Clock.NowMilliseconds) : long.MaxValue;
                if (wanted is not null)
                {
                    wanted.MayBeKnown = true;
                    edit = wanted.Edit;
                    order = wanted.Registration is { } registration
                        ? new NameOrder(NameOrderKind.Set, name, registration.Priority, registration.Metadata)
                        : new NameOrder(NameOrderKind.Remove, name, default, default);
                }
            }

            if (order is null)
            {
                await WaitAsync(changed, wait, CancellationToken.None).ConfigureAwait(false);
                continue;
            }

            NameOrderAnswer? answer = await AskAsync(member, order, node.Clock.After(s_answerTimeout), CancellationToken.None).ConfigureAwait(false);
            string? refusal = null;
            lock (gate)
            {
                // Whoever changed or moved it meanwhile has put it into the queue again.
                if (moves == _moves && wanted!.Edit == edit)
                {
                    string? before = wanted.Refusal;
                    TakeAnswerLocked(order.Name, wanted, answer);
                    refusal = wanted.Refusal != before ? wanted.Refusal : null; // The same one is logged once.
                }
            }

            if (refusal is not null)
            {
                node.LogNameRefused(order.Name, refusal);
            }
        }
    }

    private (string Name, WantedName? Wanted) TakeLocked()
    {
        if (_laterAt <= node.Clock.NowMilliseconds)
        {
            _laterAt = long.MaxValue;
            foreach (string name in _later)
            {
                if (_names.TryGetValue(name, out WantedName? wanted) && !wanted.IsDue)
                {
                    wanted.IsDue = true;
                    _due.Enqueue(name);
                }
            }

            _later.Clear();
        }

        while (_due.TryDequeue(out string? name))
        {
            if (_names.TryGetValue(name, out WantedName? wanted) && wanted.IsDue)
            {
                wanted.IsDue = false;
                if (wanted.Version != 0 && isSeenLocked(name))
                {
                    continue; // Confirmed, and seen.
                }

                return (name, wanted);
            }
        }

        return (string.Empty, null);
    }

    private void TakeAnswerLocked(string name, WantedName wanted, NameOrderAnswer? answer)
    {
        switch (answer?.Outcome)
        {
            case NameOrderOutcome.Done when wanted.Registration is null:
                _names.Remove(name);
                _retry = s_retryFirst;
                break;
            case NameOrderOutcome.Done:
                wanted.Version = answer.Value.Version;
                wanted.Refusal = null;
                _retry = s_retryFirst;
                LaterLocked(name, s_seenWithin);
                break;
            case NameOrderOutcome.NameTaken or NameOrderOutcome.Full or NameOrderOutcome.Malformed:
                wanted.Refusal = Describe(answer.Value.Outcome);
                LaterLocked(name, s_retryMax);
                break;
            default:
                // No connection, no answer, or the member does not know this client yet.
                LaterLocked(name, _retry);
                _retry = _retry * 2 < s_retryMax ? _retry * 2 : s_retryMax;
                break;
        }

        SignalLocked();
    }

    private void LaterLocked(string name, TimeSpan wait)
    {
        _later.Add(name);
        _laterAt = Math.Min(_laterAt, node.Clock.After(wait));
    }

    /// <summary>Asks the member; null when it did not answer.</summary>
    private async Task<NameOrderAnswer?> AskAsync(PeerId member, NameOrder order, long deadline, CancellationToken cancellation)
    {
        if (node.FindPeer(member)?.Connection is not { } connection)
        {
            return null;
        }

        try
        {
            NameAsk ask = NameAsk.Rent(node);
            ValueTask<NameReply> answered = ask.Task;
            ScratchBuffer scratch = ScratchBuffer.Rent();
            try
            {
                var writer = new MessagePackWriter(scratch);
                order.Encode(ref writer);
                connection.Ask(ask, s_target, null, new RequestOptions(deadline), scratch.WrittenSpan);
            }
            finally
            {
                ScratchBuffer.Return(scratch);
            }

            if (cancellation.CanBeCanceled)
            {
                ask.CancelWith(cancellation, connection);
            }

            using NameReply reply = await answered.ConfigureAwait(false);
            return NameOrderAnswer.Decode(reply.Payload.Span);
        }
        catch (Exception exception) when (exception is TransportException or RemoteFaultException or MessagePackException)
        {
            return null;
        }
    }

    private async Task WaitAsync(Task changed, long milliseconds, CancellationToken cancellation)
    {
        try
        {
            TimeSpan wait = milliseconds > int.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds);
            await changed.WaitAsync(wait, node.Clock.Provider, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The time has come.
        }
    }
}
