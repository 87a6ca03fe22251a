using System.Buffers.Binary;
using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>A promise that did not hold.</summary>
internal sealed class RegistryViolation(string message) : Exception(message);

/// <summary>Registry cores of many nodes in one thread and virtual time, on a network that loses, doubles, delays and reorders. Exact replay by its seed.</summary>
internal sealed class RegistryWorld(int seed, RegistryLimits? limits = null, RegistryTiming? timing = null, RegistryFlaws flaws = RegistryFlaws.None)
{
    private readonly PriorityQueue<Happening, (TimeSpan At, long Order)> _ahead = new();
    private readonly Dictionary<PeerId, RegistryNode> _alive = [];
    private readonly Dictionary<RegistrySource, RegistryNode> _all = [];
    private ulong _lastIncarnation;
    private ulong _lastJoin;
    private long _order;

    public Random Random { get; } = new(seed);

    public TimeSpan Now { get; private set; }

    /// <summary>Every incarnation that ever was, in order.</summary>
    public List<RegistryNode> Nodes { get; } = [];

    public IEnumerable<RegistryNode> Alive => Nodes.Where(static node => node.IsAlive);

    /// <summary>The newest view.</summary>
    public RegistryView View { get; private set; } = RegistryView.None;

    public double Loss { get; set; }

    public double Doubled { get; set; }

    public TimeSpan DelayMin { get; set; } = TimeSpan.FromMilliseconds(1);

    public TimeSpan DelayMax { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Whether a message from one node to another is lost for sure.</summary>
    public Func<PeerId, PeerId, bool>? IsCut { get; set; }

    /// <summary>Looks at every message that is sent.</summary>
    public Action<RegistryNode, RegistryPacket>? OnSend { get; set; }

    /// <summary>Looks at a node after each message that it handled.</summary>
    public Action<RegistryNode>? OnHandled { get; set; }

    /// <summary>Looks at each wait that ended.</summary>
    public Action<RegistryNode, WaitEnd>? OnEnd { get; set; }

    public long BytesSent { get; private set; }

    public long MessagesSent { get; private set; }

    public static PeerId Id(int number)
    {
        byte[] bytes = new byte[PeerId.Bytes];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number + 1);
        return new PeerId(bytes);
    }

    /// <summary>Starts a node, or a new life of one.</summary>
    public RegistryNode Start(int number)
    {
        var self = new RegistrySource(Id(number), ++_lastIncarnation);
        var node = new RegistryNode(self, new RegistryCore(self, new Random(Random.Next()), limits, timing, flaws));
        Nodes.Add(node);
        _all.Add(self, node);
        _alive[self.Id] = node;
        return node;
    }

    /// <summary>Starts the next process of a node whose incarnation goes on.</summary>
    public RegistryNode Resume(RegistryNode former, ulong versionsAfter)
    {
        var node = new RegistryNode(former.Self, new RegistryCore(former.Self, new Random(Random.Next()), limits, timing, flaws, versionsAfter: versionsAfter));
        Nodes.Add(node);
        _all[former.Self] = node;
        _alive[former.Self.Id] = node;
        return node;
    }

    public void Stop(RegistryNode node)
    {
        node.IsAlive = false;
        if (_alive.GetValueOrDefault(node.Self.Id) == node)
        {
            _alive.Remove(node.Self.Id);
        }
    }

    public RegistryNode? Find(RegistrySource source) => _all.GetValueOrDefault(source);

    /// <summary>Agrees on the next view: some leave, some join behind all others.</summary>
    public RegistryView Agree(IEnumerable<RegistryNode> join, params RegistryNode[] leave)
    {
        List<RegistryMember> members = [.. View.Members.ToArray().Where(member => !leave.Any(node => node.Self == new RegistrySource(member.Id, member.Incarnation)))];
        members.AddRange(join.Select(node => new RegistryMember(node.Self.Id, node.Self.Incarnation, ++_lastJoin)));
        return View = new RegistryView(View.Epoch + 1, members);
    }

    public void Install(RegistryNode node, RegistryView view)
    {
        node.Core.SetView(Now, view);
        Collect(node);
    }

    /// <summary>Starts nodes that are all members, all of which know it.</summary>
    public RegistryNode[] Cluster(int count)
    {
        RegistryNode[] nodes = [.. Enumerable.Range(0, count).Select(Start)];
        RegistryView view = Agree(nodes);
        foreach (RegistryNode node in nodes)
        {
            Install(node, view);
        }

        return nodes;
    }

    public RegisterResult Register(RegistryNode node, string name, RegistrationPriority priority = RegistrationPriority.Normal, byte[]? metadata = null)
    {
        RegisterResult result = node.Core.Register(Now, name, 0, priority, metadata);
        if (result.Outcome == RegisterOutcome.Done)
        {
            node.History.Wrote(name, result.Version);
        }

        Collect(node);
        return result;
    }

    public RegisterResult Change(RegistryNode node, string name, byte[] metadata)
    {
        RegisterResult result = node.Core.Change(Now, name, metadata);
        if (result.Outcome == RegisterOutcome.Done)
        {
            node.History.Wrote(name, result.Version);
        }

        Collect(node);
        return result;
    }

    public RegisterResult Unregister(RegistryNode node, string name, RegistrationPriority priority = RegistrationPriority.Normal)
    {
        RegisterResult result = node.Core.Unregister(Now, name, priority);
        if (result.Outcome == RegisterOutcome.Done)
        {
            node.History.Removed(name, result.Version);
        }

        Collect(node);
        return result;
    }

    /// <summary>Registers a name for a client that follows through a node.</summary>
    public RegisterResult RegisterFor(RegistryNode client, RegistryNode node, string name)
    {
        RegisterResult result = node.Core.Register(Now, name, 0, RegistrationPriority.Normal, client: client.Self.Id);
        if (result.Outcome == RegisterOutcome.Done)
        {
            node.History.Wrote(name, result.Version);
        }

        Collect(node);
        return result;
    }

    /// <summary>A node sees that a client is gone.</summary>
    public void Detach(RegistryNode node, RegistryNode client)
    {
        ulong version = node.Core.Version;
        IEnumerable<Registration> ofClient = node.Core.Snapshot().Where(found => found.Owner.Id == node.Self.Id && found.Entry.Client == client.Self.Id);
        foreach (string name in ofClient.OrderBy(static found => found.Entry.Version).Select(static found => found.Entry.Name))
        {
            node.History.Removed(name, ++version);
        }

        node.Core.Detach(Now, client.Self.Id);
        Collect(node);
    }

    public int Wait(RegistryNode node, ulong version, double seconds)
    {
        int id = node.Core.WaitVisible(Now, version, Now + TimeSpan.FromSeconds(seconds));
        if (id != 0)
        {
            node.Waits.Add(id, version);
        }

        Collect(node);
        return id;
    }

    /// <summary>Does something later.</summary>
    public void At(TimeSpan at, Action act) => _ahead.Enqueue(new Happening(null, default, default, act), (at, _order++));

    public void Run(double seconds) => RunUntil(Now + TimeSpan.FromSeconds(seconds), static () => false);

    /// <summary>Runs until a condition holds.</summary>
    /// <returns>How long that took.</returns>
    public TimeSpan RunUntil(Func<bool> condition, double secondsMax, Func<string?>? why = null)
    {
        TimeSpan start = Now;
        RunUntil(Now + TimeSpan.FromSeconds(secondsMax), condition);
        return condition() ? Now - start : throw new RegistryViolation($"seed {seed}: not within {secondsMax} s: {why?.Invoke()}");
    }

    /// <summary>Takes what a core wants done, after something was done to it directly.</summary>
    public void Collect(RegistryNode node)
    {
        while (node.Core.TryTake(out RegistryPacket packet))
        {
            MessagesSent++;
            BytesSent += packet.Bytes.Length;
            OnSend?.Invoke(node, packet);
            Post(node, packet);
            if (Doubled > 0 && Random.NextDouble() < Doubled)
            {
                Post(node, packet);
            }
        }

        while (node.Core.TryTake(out RegistryEvent registryEvent))
        {
            node.Events.Add(registryEvent);
        }

        while (node.Core.TryTake(out WaitEnd end))
        {
            node.Ends.Add((end, Now));
            OnEnd?.Invoke(node, end);
            node.Waits.Remove(end.Id);
        }

        TimeSpan deadline = node.Core.NextDeadline;
        if (deadline < node.WokenAt)
        {
            node.WokenAt = deadline;
            _ahead.Enqueue(new Happening(node, default, default, null), (deadline, _order++));
        }
    }

    private void Post(RegistryNode from, RegistryPacket packet)
    {
        if ((Loss > 0 && Random.NextDouble() < Loss) || IsCut?.Invoke(from.Self.Id, packet.To) == true || !_alive.TryGetValue(packet.To, out RegistryNode? to))
        {
            return;
        }

        TimeSpan delay = DelayMin + ((DelayMax - DelayMin) * Random.NextDouble());
        _ahead.Enqueue(new Happening(to, from.Self, packet.Bytes, null), (Now + delay, _order++));
    }

    private void RunUntil(TimeSpan end, Func<bool> condition)
    {
        while (!condition())
        {
            if (!_ahead.TryPeek(out _, out (TimeSpan At, long Order) next) || next.At > end)
            {
                Now = end;
                return;
            }

            Now = next.At > Now ? next.At : Now;
            Do(_ahead.Dequeue());
        }
    }

    private void Do(in Happening happening)
    {
        if (happening.Act is { } act)
        {
            act();
        }
        else if (happening.To is { IsAlive: true } node)
        {
            if (Now < node.PausedUntil)
            {
                _ahead.Enqueue(happening, (node.PausedUntil, _order++)); // Its socket keeps it, its clock goes on.
                return;
            }

            if (happening.From == default)
            {
                node.WokenAt = TimeSpan.MaxValue;
                if (node.Core.NextDeadline <= Now)
                {
                    node.Core.HandleDeadline(Now);
                }
            }
            else
            {
                string? wrong = node.Core.Handle(Now, happening.From, happening.Bytes.Span);
                if (wrong is not null && flaws == RegistryFlaws.None)
                {
                    throw new RegistryViolation($"seed {seed}: {node} refuses what {happening.From.Id.ToShortString()} sent: {wrong}");
                }

                OnHandled?.Invoke(node);
            }

            Collect(node);
        }
    }

    private readonly record struct Happening(RegistryNode? To, RegistrySource From, ReadOnlyMemory<byte> Bytes, Action? Act);
}
