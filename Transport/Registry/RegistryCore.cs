using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Registry.Sync;

namespace Kameo.Actors.Transport.Registry;

/// <summary>
/// The gossiped name registry without I/O: views, messages, changes and the time come in; messages, events and ended waits come out. After every call these are to be taken and the deadline is to be read again.
/// </summary>
/// <remarks>
/// No concurrency: one caller at a time. Times are spans since any fixed moment and never go back. One core is one incarnation: a node that was evicted makes another one and registers its names again.
/// A node that is no member may follow one: it sees all names and writes none.
/// </remarks>
internal sealed partial class RegistryCore
{
    private readonly RegistryLimits _limits;
    private readonly RegistryTiming _timing;
    private readonly RegistryOutbox _outbox;
    private readonly Watches _watches;
    private readonly RegistryTable _table;
    private readonly Peers _peers;
    private readonly Rumours _rumours;
    private readonly Pulls _pulls;
    private readonly Waits _waits;
    private readonly Digests _digests;
    private bool _isCatchingUp;

    /// <param name="self">This node and its incarnation.</param>
    /// <param name="random">Chooses peers and spreads deadlines.</param>
    /// <param name="limits">The bounds; null for the defaults.</param>
    /// <param name="timing">How often it speaks; null for the defaults.</param>
    /// <param name="flaws">Rules that a test breaks.</param>
    /// <param name="counters">What goes on counting, when this core follows another one of the same node; null begins at nothing.</param>
    /// <param name="versionsAfter">
    /// Above every version that an earlier process may have written in this incarnation; 0 where an incarnation never outlives its process. Others still know what that process wrote, and would take lower versions for known.
    /// </param>
    /// <exception cref="ArgumentException">The limits contradict each other.</exception>
    public RegistryCore(RegistrySource self, Random random, RegistryLimits? limits = null, RegistryTiming? timing = null, RegistryFlaws flaws = RegistryFlaws.None, RegistryCounters? counters = null, ulong versionsAfter = 0)
    {
        Counters = counters ?? new RegistryCounters();
        _limits = limits ?? new RegistryLimits();
        _timing = timing ??= new RegistryTiming();
        var errors = new List<string>();
        _limits.Validate(errors);
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', errors), nameof(limits));
        }

        Self = self;
        _outbox = new RegistryOutbox(_limits, Counters);
        _watches = new Watches(_limits, _outbox);
        _table = new RegistryTable(self, _limits, flaws, Counters, _outbox, _watches);
        _table.Own.Log.BeginAfter(versionsAfter);
        _peers = new Peers(self, _table, random);
        _rumours = new Rumours(_table, _peers, _outbox, _limits, timing, Counters);
        _pulls = new Pulls(_table, _peers, _outbox, _limits, timing, Counters);
        _waits = new Waits(_table, _outbox, _limits, timing, flaws, Counters);
        _digests = new Digests(_table, _peers, _pulls, _waits, _outbox, _limits, timing, random, Counters);
    }

    /// <summary>This node and its incarnation.</summary>
    public RegistrySource Self { get; }

    /// <summary>The view whose members' entries count.</summary>
    public RegistryView View => _table.View;

    /// <summary>Whether this incarnation is in the view.</summary>
    public bool IsMember => _table.Own.IsMember;

    /// <summary>What was counted since the beginning.</summary>
    public RegistryCounters Counters { get; }

    /// <summary>Entries held, this node's included.</summary>
    public int EntryCount => _table.Room.Entries;

    /// <summary>Memory of the entries, estimated.</summary>
    public long EntryBytes => _table.Room.Bytes;

    /// <summary>Watches.</summary>
    public int WatchCount => _watches.Count;

    /// <summary>Waits for visibility.</summary>
    public int WaitCount => _waits.Count;

    /// <summary>Clients that follow through this node.</summary>
    public int FollowerCount => _peers.Followers.Count;

    /// <summary>Pulls under way.</summary>
    public int PullCount => _pulls.Count;

    /// <summary>This node's version: that of its last change.</summary>
    public ulong Version => _table.Own.Log.Counter;

    /// <summary>The writers of the view as they are known here, oldest first. For tests and for a readable dump.</summary>
    public ReadOnlySpan<WriterLog> Logs => _table.Logs;

    /// <summary>When <see cref="HandleDeadline"/> is to be called; <see cref="RegistryTiming.Never"/> if nothing is planned.</summary>
    public TimeSpan NextDeadline
    {
        get
        {
            TimeSpan earliest = _rumours.Deadline;
            earliest = _digests.Deadline < earliest ? _digests.Deadline : earliest;
            earliest = _pulls.Deadline < earliest ? _pulls.Deadline : earliest;
            return _waits.Deadline < earliest ? _waits.Deadline : earliest;
        }
    }

    /// <summary>Takes the next message to send.</summary>
    public bool TryTake(out RegistryPacket packet) => _outbox.TryTake(out packet);

    /// <summary>Takes the next event.</summary>
    public bool TryTake(out RegistryEvent registryEvent) => _outbox.TryTake(out registryEvent);

    /// <summary>Takes the next wait that ended.</summary>
    public bool TryTake(out WaitEnd end) => _outbox.TryTake(out end);

    /// <summary>Goes over to a later view. An earlier one is left out.</summary>
    public void SetView(TimeSpan now, RegistryView view)
    {
        bool wasMember = IsMember;
        if (!_table.SetView(view))
        {
            return;
        }

        bool isNew = IsMember && !wasMember;
        _peers.Shuffle();
        _waits.HandleView();
        _rumours.HandleView();
        _pulls.HandleView();
        _digests.HandleView(now, isNew);
        if (isNew && Version > 0)
        {
            Tell(now, 0, _table.Own.Log.Entries.Any(static entry => entry.Priority == RegistrationPriority.Immediate) ? RegistrationPriority.Immediate : RegistrationPriority.Normal);
        }

        _pulls.Send(now);
    }

    /// <summary>Follows through a member while this node is none; null for nobody.</summary>
    public void SetUpstream(TimeSpan now, RegistrySource? member)
    {
        _peers.Upstream = member;
        _pulls.HandleView();
        _digests.HandleView(now, isNew: true);
    }

    /// <summary>A peer can be reached again: compares with it now and not in its turn. For every new connection, so that a heal is noticed at once.</summary>
    public void HandleConnected(PeerId peer)
    {
        if (_peers.MayBeAsked(peer))
        {
            _digests.Begin(peer);
        }
    }

    /// <summary>Does what is due.</summary>
    public void HandleDeadline(TimeSpan now)
    {
        _waits.HandleDeadline(now);
        _rumours.HandleDeadline(now);
        if (_pulls.HandleDeadline(now))
        {
            _digests.Hasten(now);
        }

        _pulls.Send(now);
        _digests.HandleDeadline(now);
    }

    private void Tell(TimeSpan now, ulong from, RegistrationPriority priority)
    {
        if (!IsMember)
        {
            return;
        }

        _rumours.Add(now, _table.Own.Log, from, toMembers: true);
        if (priority == RegistrationPriority.Immediate)
        {
            _rumours.Push(now, from);
        }
    }
}
