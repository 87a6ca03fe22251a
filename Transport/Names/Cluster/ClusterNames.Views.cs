using System.Collections.Concurrent;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <content>What the control thread tells. It takes no lock and sends nothing: what it tells is queued, and taken in its order by the thread pool, or by whoever comes with another input before.</content>
internal sealed partial class ClusterNames
{
    /// <summary>Inputs that wait, from which on no client is attached: while the thread pool stands still others may come and go as often as they connect.</summary>
    public const int ToldMax = 4_096;

    private readonly ConcurrentQueue<Action> _told = new();
    private int _isTakingTold;
    private ClusterId _cluster;
    private RegistrySource? _followed;

    /// <summary>The first life begins, before the node is used: names are written in this incarnation from here on. Takes the lock.</summary>
    /// <param name="self">This node in it.</param>
    public void Begin(MemberId self) => Run(() => EnterLocked(self, ClusterId.None));

    /// <summary>A view was installed.</summary>
    /// <param name="self">This node in its present life, in the view or not.</param>
    /// <param name="view">The view.</param>
    public void OnView(MemberId self, View view)
    {
        Tell(() =>
        {
            EnterLocked(self, view.Cluster);
            _core.SetView(Now, ToRegistryView(view));
        });
    }

    /// <summary>This incarnation was evicted; the node goes on as another one, which is in no view yet. Waits end; what is registered here is written again.</summary>
    /// <param name="next">The next life.</param>
    public void OnLifeEnded(MemberId next)
    {
        Tell(() => EnterLocked(next, ClusterId.None));
    }

    /// <summary>This client follows a view through a member.</summary>
    /// <param name="upstream">The member.</param>
    /// <param name="upstreamIncarnation">Its incarnation.</param>
    /// <param name="self">This client in its present life.</param>
    /// <param name="view">The view.</param>
    public void OnFollowing(PeerId upstream, ulong upstreamIncarnation, MemberId self, View view)
    {
        var member = new RegistrySource(upstream, upstreamIncarnation);
        Tell(() =>
        {
            EnterLocked(self, view.Cluster);
            _core.SetView(Now, ToRegistryView(view));
            if (_followed != member)
            {
                _followed = member;
                _core.SetUpstream(Now, member);
                _upstream?.MoveToLocked(upstream);
            }
        });
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        // Full fence before the queue is looked at: partner of the exchange in Tell.
        Interlocked.Exchange(ref _isTakingTold, 0);
        Run(static () => { });
    }

    /// <summary>Has an input taken soon, under the lock, behind those told before.</summary>
    private void Tell(Action inputLocked)
    {
        _told.Enqueue(inputLocked);

        // Full fence: partner of that in Execute, so that either it sees the input or another one is queued.
        if (Interlocked.Exchange(ref _isTakingTold, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Takes what was told. The first thing under the lock with every input, so that none acts on an older view than membership has.</summary>
    private void TakeToldLocked()
    {
        while (_told.TryDequeue(out Action? inputLocked))
        {
            try
            {
                inputLocked();
            }
            catch (Exception exception)
            {
                // A bug, which must not take down whoever came with another input. Logged elsewhere than under the lock.
                ThreadPool.UnsafeQueueUserWorkItem(Node.LogRegistryFailed, exception, preferLocal: false);
            }
        }
    }

    /// <summary>What the registry sees of a view.</summary>
    internal static RegistryView ToRegistryView(View view)
    {
        // Of two lives of one peer the later one counts, should a view ever have both.
        var members = new Dictionary<PeerId, RegistryMember>(view.Members.Count);
        foreach (Member member in view.Members.OrderBy(static member => member.JoinIndex))
        {
            members[member.Id.Peer] = new RegistryMember(member.Id.Peer, member.Id.Incarnation.Value, (ulong)member.JoinIndex);
        }

        return new RegistryView((ulong)view.Epoch, members.Values);
    }

    /// <summary>Begins a new life when this node has another incarnation, or belongs to another founding, in which join indexes count anew.</summary>
    private void EnterLocked(MemberId self, ClusterId cluster)
    {
        var source = new RegistrySource(self.Peer, self.Incarnation.Value);
        bool isOtherFounding = !_cluster.IsNone && !cluster.IsNone && cluster != _cluster;
        _cluster = cluster;
        if (source == _core.Self && !isOtherFounding)
        {
            return;
        }

        EndWaitsLocked();
        ForgetClientsLocked();
        _packets.Clear();
        _followed = null;
        _core = MakeCore(source);
        OnAllChangedLocked();
        if (_upstream is null)
        {
            foreach (NameRegistration registration in _own.Values)
            {
                registration.Settle(isLost: false);
                RegisterOutcome outcome = WriteLocked(registration);
                if (outcome != RegisterOutcome.Done)
                {
                    // Elsewhere than under the lock: a log is the user's code.
                    ThreadPool.UnsafeQueueUserWorkItem(name => Node.LogNameRefused(name, outcome.ToString()), registration.Name, preferLocal: false);
                }
            }
        }
    }

    /// <summary>
    /// Where the versions of a process begin whose incarnation may go on with the next one: no process writes 1,024 names in each millisecond of its life, so what the next one writes is above all that this one wrote,
    /// unless the machine's clock was set back between them.
    /// </summary>
    internal static ulong VersionsAfter(DateTimeOffset now) => (ulong)now.ToUnixTimeMilliseconds() << 10;

    private RegistryCore MakeCore(RegistrySource self)
    {
        ulong versionsAfter = Node.KeepsState ? VersionsAfter(Node.Clock.Provider.GetUtcNow()) : 0;
        var core = new RegistryCore(self, Node.Random, _limits, _timing, counters: _counters, versionsAfter: versionsAfter);
        core.Watch(string.Empty, isPrefix: true);
        return core;
    }

    private void EndWaitsLocked()
    {
        foreach (VisibleWait wait in _waits.Values)
        {
            _ended.Enqueue((wait, WaitOutcome.Evicted));
        }

        _waits.Clear();
    }
}
