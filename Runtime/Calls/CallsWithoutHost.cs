using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Placement;

namespace Kameo.Actors.Calls;

/// <summary>
/// Calls that have no way to go yet: no known node hosts their class, or, on a node without membership, its node is not connected at this moment. They wait for it, those of one actor in the order in which they were made. Thread safe.
/// </summary>
/// <remarks>
/// A call of an actor for which others wait, goes behind them: who sends looks at <see cref="IsEmpty"/>, which is true in steady state. One thread at a time sends what can be sent, and takes an actor out only when nothing waits
/// for it any more and the last has been sent, so that none overtakes. Bound: <see cref="CallsMax"/> calls of a node.
/// </remarks>
/// <param name="node">The node.</param>
internal sealed class CallsWithoutHost(ActorNode node)
{
    /// <summary>Most calls that wait; one more is refused as overloaded.</summary>
    public const int CallsMax = 65_536;

    private static readonly TimeSpan s_sweepPeriod = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Interface, ActorKey Key, string? Class), LinkedList<Waiting>> _byActor = [];
    private int _count;
    private int _lines;
    private bool _isWatching;

    /// <summary>Completed when a call came whose way is open already: the watcher may have looked just before. Set anew by the watcher before each look.</summary>
    private TaskCompletionSource _kick = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many wait. A glance: any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether no call has to go behind others: none waits, and none that waited is being sent. Any thread.</summary>
    public bool IsEmpty => Volatile.Read(ref _lines) == 0;

    /// <summary>Whether a call has to go behind others.</summary>
    public bool Has(ActorReference reference)
    {
        if (IsEmpty)
        {
            return false;
        }

        lock (_lock)
        {
            return _byActor.ContainsKey(reference.Name);
        }
    }

    /// <summary>Has an ask wait.</summary>
    public void Ask(ActorReference reference, ActorCall call, CancellationToken cancellation)
    {
        var waiting = new Waiting(reference, call, cancellation, null, UntilOf(call));
        if (!TryAdd(waiting))
        {
            call.Fail(TooMany(reference));
            return;
        }

        Kick(reference);
    }

    /// <summary>Has a tell wait.</summary>
    /// <returns>Completes when it is sent.</returns>
    public ValueTask Tell(ActorReference reference, ActorCall call, CancellationToken cancellation)
    {
        var waiting = new Waiting(reference, call, cancellation, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), UntilOf(call));
        if (!TryAdd(waiting))
        {
            call.LetGo();
            return ValueTask.FromException(TooMany(reference));
        }

        Kick(reference);
        return new ValueTask(waiting.Sent!.Task);
    }

    /// <summary>Fails those that have waited long enough; all of them when the node stops. The node's tick.</summary>
    public void Sweep(long now)
    {
        if (Count == 0)
        {
            return;
        }

        bool isStopping = node.Stopping.IsCancellationRequested;
        List<Waiting> late = [];
        lock (_lock)
        {
            foreach (LinkedList<Waiting> line in _byActor.Values)
            {
                for (LinkedListNode<Waiting>? at = line.First, next; at is not null; at = next)
                {
                    next = at.Next;
                    if ((at.Value.Until <= now || isStopping) && TryTakeLocked(at.Value))
                    {
                        late.Add(at.Value);
                    }
                }
            }
        }

        late.ForEach(static waiting => waiting.Fail(CallSender.NoHost(waiting.Reference)));
    }

    private static OverloadedException TooMany(ActorReference reference) => new(default, null, $"The call of {reference} did not run: {CallsMax} calls wait for nodes that host their actors already.");

    private long UntilOf(ActorCall call) => Math.Min(call.DeadlineMilliseconds, node.Clock.After(node.Options.WaitForHost));

    private bool TryAdd(Waiting waiting)
    {
        lock (_lock)
        {
            if (_count >= CallsMax)
            {
                return false;
            }

            if (!_byActor.TryGetValue(waiting.Reference.Name, out LinkedList<Waiting>? line))
            {
                _byActor.Add(waiting.Reference.Name, line = []);
                Volatile.Write(ref _lines, _byActor.Count);
            }

            waiting.Line = line;
            line.AddLast(waiting.Node);
            Volatile.Write(ref _count, _count + 1);
            if (!_isWatching)
            {
                _isWatching = true;
                _ = Task.Run(WatchAsync);
            }
        }

        Register(waiting);
        return true;
    }

    private void Register(Waiting waiting)
    {
        if (!waiting.Cancellation.CanBeCanceled)
        {
            return;
        }

        CancellationTokenRegistration made = waiting.Cancellation.UnsafeRegister(static state => ((Action)state!)(), () => Cancel(waiting));
        lock (_lock)
        {
            if (waiting.Line is not null)
            {
                waiting.Registration = made;
                return;
            }
        }

        made.Unregister(); // It was taken meanwhile.
    }

    /// <summary>A call was added. If its way has opened since it was looked for, the watcher may have looked, too, before the call was there.</summary>
    private void Kick(ActorReference reference)
    {
        bool isOpen;
        try
        {
            isOpen = reference.FindRoute() is { } route && CallSender.MayGo(route);
        }
        catch (InvalidOperationException)
        {
            isOpen = true; // Several classes have the interface: the watcher says so.
        }

        if (isOpen)
        {
            Volatile.Read(ref _kick).TrySetResult();
        }
    }

    private void Cancel(Waiting waiting)
    {
        bool isTaken;
        lock (_lock)
        {
            isTaken = TryTakeLocked(waiting);
        }

        if (isTaken)
        {
            waiting.Fail(new OperationCanceledException(waiting.Cancellation));
        }
    }

    /// <summary>Whoever takes it decides its end.</summary>
    private bool TryTakeLocked(Waiting waiting)
    {
        if (waiting.Line is not { } line)
        {
            return false;
        }

        waiting.Line = null;
        line.Remove(waiting.Node);
        Volatile.Write(ref _count, _count - 1);
        return true;
    }

    /// <summary>As long as any wait: looks again whenever hosts or connections change.</summary>
    private async Task WatchAsync()
    {
        while (true)
        {
            var kick = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _kick, kick);
            Interlocked.MemoryBarrier(); // Partner: who adds a call does so under the lock, then completes the kick that it sees. The look below finds the call, or this one is completed.
            Task changed = node.Hosts.Changed;
            SendAll();
            lock (_lock)
            {
                if (_byActor.Count == 0)
                {
                    _isWatching = false;
                    return;
                }
            }

            bool isSwept = node.IsTicking; // A node that is not started has no tick, and may never have one.
            await ((Task)Task.WhenAny(changed, kick.Task)).WaitAsync(isSwept ? Timeout.InfiniteTimeSpan : s_sweepPeriod, node.Clock.Provider, node.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!isSwept)
            {
                Sweep(node.Clock.NowMilliseconds);
            }

            if (node.Stopping.IsCancellationRequested && TryEnd())
            {
                return;
            }
        }
    }

    /// <summary>The node stops: fails all.</summary>
    /// <returns>False if another one came meanwhile.</returns>
    private bool TryEnd()
    {
        Sweep(long.MaxValue);
        lock (_lock)
        {
            if (_count != 0)
            {
                return false;
            }

            _byActor.Clear();
            Volatile.Write(ref _lines, 0);
            _isWatching = false;
            return true;
        }
    }

    private void SendAll()
    {
        (string, ActorKey, string?)[] names;
        lock (_lock)
        {
            names = [.. _byActor.Keys];
        }

        foreach ((string, ActorKey, string?) name in names)
        {
            while (SendFirst(name))
            {
                // In order, until one cannot go.
            }
        }
    }

    /// <returns>Whether there may be another one that can go.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever encoding throws belongs to the caller of this call.")]
    private bool SendFirst((string, ActorKey, string?) name)
    {
        Waiting waiting;
        ActorRoute? route;
        lock (_lock)
        {
            if (_byActor[name].First is not { } first)
            {
                _byActor.Remove(name); // From now on its calls go by themselves.
                Volatile.Write(ref _lines, _byActor.Count);
                return false;
            }

            waiting = first.Value;
        }

        try
        {
            route = waiting.Reference.FindRoute();
            if (route is null || !CallSender.MayGo(route))
            {
                return false;
            }
        }
        catch (InvalidOperationException exception)
        {
            return TryFail(waiting, exception); // Several classes have the interface.
        }

        lock (_lock)
        {
            if (!TryTakeLocked(waiting))
            {
                return true; // Cancelled, or too late.
            }
        }

        waiting.Registration.Unregister();
        try
        {
            return waiting.TrySend(node.Sender, route) || !PutBack(name, waiting);
        }
        catch (Exception exception)
        {
            waiting.Fail(exception);
            return true;
        }
    }

    /// <summary>Its connection is gone again: it waits where it stood, ahead of those that came later.</summary>
    /// <returns>False if it has been cancelled meanwhile.</returns>
    private bool PutBack((string, ActorKey, string?) name, Waiting waiting)
    {
        if (waiting.Cancellation.IsCancellationRequested)
        {
            waiting.Fail(new OperationCanceledException(waiting.Cancellation));
            return false;
        }

        lock (_lock)
        {
            waiting.Line = _byActor[name]; // Only the watcher, which this is, takes lines out.
            waiting.Line.AddFirst(waiting.Node);
            Volatile.Write(ref _count, _count + 1);
        }

        Register(waiting);
        return true;
    }

    private bool TryFail(Waiting waiting, Exception exception)
    {
        bool isTaken;
        lock (_lock)
        {
            isTaken = TryTakeLocked(waiting);
        }

        if (isTaken)
        {
            waiting.Fail(exception);
        }

        return true;
    }

    private sealed class Waiting
    {
        public Waiting(ActorReference reference, ActorCall call, CancellationToken cancellation, TaskCompletionSource? sent, long until)
        {
            Reference = reference;
            Call = call;
            Cancellation = cancellation;
            Sent = sent;
            Until = until;
            Node = new LinkedListNode<Waiting>(this);
        }

        public ActorReference Reference { get; }

        public ActorCall Call { get; }

        public CancellationToken Cancellation { get; }

        public CancellationTokenRegistration Registration { get; set; }

        /// <summary>Of a tell: completes when it is sent.</summary>
        public TaskCompletionSource? Sent { get; }

        public long Until { get; }

        public LinkedListNode<Waiting> Node { get; }

        /// <summary>Where it waits; null: somebody has taken it.</summary>
        public LinkedList<Waiting>? Line { get; set; }

        /// <returns>False if its node is not connected at this moment.</returns>
        public bool TrySend(CallSender sender, ActorRoute route)
        {
            if (Sent is null)
            {
                return sender.TryAsk(route, Call, Cancellation);
            }

            if (!sender.TryTell(route, Call, out ValueTask sent))
            {
                return false;
            }

            _ = CompleteAsync(sent, Sent);
            return true;
        }

        public void Fail(Exception exception)
        {
            Registration.Unregister();
            if (Sent is null)
            {
                Call.Fail(exception);
            }
            else
            {
                Call.LetGo();
                Sent.TrySetException(exception);
            }
        }

        private static async Task CompleteAsync(ValueTask sent, TaskCompletionSource completion)
        {
            try
            {
                await sent.ConfigureAwait(false);
                completion.TrySetResult();
            }
            catch (Exception exception)
            {
                completion.TrySetException(exception);
            }
        }
    }
}
