using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Simulation;

/// <summary>Faults, healing, and the operator of the liveness phase.</summary>
internal sealed partial class World
{
    private long _operatorActsAt;

    /// <summary>When each node was last touched by a fault; the end of the fault if it has one.</summary>
    public long[] TouchedUntil { get; private set; } = [];

    /// <summary>Notes that a node is disturbed until a time, so that its eviction is not needless.</summary>
    public void Touch(int node, long until)
    {
        if (TouchedUntil.Length == 0)
        {
            TouchedUntil = new long[Nodes.Length];
        }

        TouchedUntil[node] = Math.Max(TouchedUntil[node], until);
    }

    private void TouchAll(long until)
    {
        for (int i = 0; i < Nodes.Length; i++)
        {
            Touch(i, until);
        }
    }

    private SimNode? Leader() => Nodes.FirstOrDefault(static node => node.Core is { Phase: ViewPhase.Member, Raft.Role: RaftRole.Leader } && !node.IsPaused)
        ?? Nodes.FirstOrDefault(static node => node.Core is { Phase: ViewPhase.Member, Raft.Role: RaftRole.Leader });

    private void Begin(Fault fault)
    {
        Trace.Write(Now, $"-- fault {fault}");
        int target = fault.Node;
        long until = Now + fault.Duration;
        switch (fault.Kind)
        {
            case FaultKind.CrashLeader when Leader() is { } leader:
                Crash(leader.Index, until);
                break;
            case FaultKind.Bounce:
            case FaultKind.Crash:
            case FaultKind.CrashLeader:
                Crash(target, until);
                break;
            case FaultKind.CrashMany:
                for (int i = 0; i < Nodes.Length; i++)
                {
                    if ((fault.Other >> i & 1) != 0)
                    {
                        Crash(i, until + (i * TimeSpan.TicksPerMillisecond * 50));
                    }
                }

                break;
            case FaultKind.PauseLeader when Leader() is { } leader:
                Pause(leader.Index, until);
                break;
            case FaultKind.Pause:
            case FaultKind.PauseLeader:
                Pause(target, until);
                break;
            case FaultKind.Stutter:
                Stutter(target, until);
                break;
            case FaultKind.CutOneWay:
                Touch(target, until);
                Touch(fault.Other, until);
                Cut(target, fault.Other);
                EndLater(until, () => Mend(target, fault.Other));
                break;
            case FaultKind.Isolate:
                Part(1 << target, until);
                break;
            case FaultKind.Partition:
                Part(fault.Other, until);
                break;
            case FaultKind.PartStewards:
                Part(BareMajority(), until);
                break;
            case FaultKind.PartLeader:
                Part(LeaderAndOne(fault), until);
                break;
            case FaultKind.Slow:
                Touch(target, until);
                Nodes[target].Slowness = TimeSpan.TicksPerMillisecond * (50 + (fault.Other * 100));
                EndLater(until, () => Nodes[target].Slowness = 0);
                break;
            case FaultKind.Evict:
                Evict(target);
                break;
            case FaultKind.EvictIsolated:
                Evict(target);
                Part(1 << target, until);
                break;
            case FaultKind.EvictTwice:
                EvictTwice(fault, until);
                break;
            case FaultKind.Leave:
                Touch(target, until);
                Nodes[target].Leave();
                EndLater(until, () => Restart(target));
                break;
            case FaultKind.LeaveTwice:
                LeaveTwice(fault, until);
                break;
            case FaultKind.Noise:
                TouchAll(until);
                Network.Noise = 0.02 + (0.02 * fault.Other);
                EndLater(until, () => Network.Noise = 0);
                break;
        }
    }

    private void EndLater(long at, Action end) => Plan(at, new SimEvent(SimEventKind.FaultEnds, -1, 0, end));

    private void Crash(int node, long until)
    {
        Touch(node, until);
        Nodes[node].Kill();
        EndLater(until, () => Restart(node));
    }

    /// <summary>Starts a process unless one runs; one that is still leaving is ended first, as an impatient operator does.</summary>
    private void Restart(int node)
    {
        if (Nodes[node].IsLeaving)
        {
            Nodes[node].Kill(goodbye: true);
        }

        Nodes[node].Start();
    }

    private void Pause(int node, long until)
    {
        Touch(node, until);
        Nodes[node].PausedUntil = Math.Max(Nodes[node].PausedUntil, Math.Min(until, Scenario.HealAt));
    }

    private void Stutter(int node, long until)
    {
        Touch(node, until);
        if (Now < until && !IsHealed)
        {
            long pause = _random.Ticks(200, 1400);
            Pause(node, Now + pause);
            EndLater(Now + pause + _random.Ticks(5, 300), () => Stutter(node, until));
        }
    }

    private void Part(int side, long until)
    {
        TouchAll(until);
        List<(int From, int To)> cuts = [];
        for (int from = 0; from < Nodes.Length; from++)
        {
            for (int to = 0; to < Nodes.Length; to++)
            {
                if ((side >> from & 1) != (side >> to & 1))
                {
                    cuts.Add((from, to));
                    Cut(from, to);
                }
            }
        }

        EndLater(until, () =>
        {
            foreach ((int from, int to) in cuts)
            {
                Mend(from, to);
            }
        });
    }

    private void Cut(int from, int to)
    {
        Network.Cut(from, to);
        Data.Cut(from, to);
    }

    private void Mend(int from, int to)
    {
        Network.Mend(from, to);
        Data.Mend(from, to);
        MendNames(from, to);
    }

    private void MendNames(int from, int to)
    {
        if (Names.Count == 0 || IsCut(from, to))
        {
            return;
        }

        Gossip.Mended(from, to);
        if (!IsCut(to, from))
        {
            Gossip.Connect(from, to);
        }
    }

    private int BareMajority()
    {
        if (Leader()?.Core is not { } core)
        {
            return 1;
        }

        int side = 0;
        IReadOnlyList<MemberId> stewards = core.Installed.Stewards;
        for (int i = 0; i < (stewards.Count / 2) + 1; i++)
        {
            side |= TryFindNode(stewards[i].Peer, out int at) ? 1 << at : 0;
        }

        return side;
    }

    private int LeaderAndOne(Fault fault) => (1 << (Leader()?.Index ?? fault.Node)) | (1 << fault.Other);

    private void Evict(int target)
    {
        Touch(target, Now);
        SimNode by = Leader() ?? Nodes[(target + 1) % Nodes.Length];
        by.Order((core, now) => core.Evict(now, Nodes[target].Peer));
    }

    private void EvictTwice(Fault fault, long until)
    {
        if (Leader() is not { } leader)
        {
            return;
        }

        Part(LeaderAndOne(fault), until);
        leader.Order((core, now) => core.Evict(now, Nodes[fault.Node].Peer));
        long again = until + _random.Ticks(1500, 5000);
        EndLater(again, () =>
        {
            Evict(fault.Node);
            Part(1 << fault.Node, again + (TimeSpan.TicksPerSecond * 5));
        });
    }

    private void LeaveTwice(Fault fault, long until)
    {
        int first = Leader()?.Index == fault.Node ? (fault.Node + 1) % Nodes.Length : fault.Node;
        Touch(first, until);
        Nodes[first].Leave();
        long pause = _random.Ticks(900, 2000);
        EndLater(Now + (TimeSpan.TicksPerMillisecond / 10), () => Pause(first, Now + pause));
        EndLater(Now + _random.Ticks(50, 500), () =>
        {
            // Who got its slots waits for its release.
            SimNode second = Array.Find(Nodes, node => node.Index != first && node.Actors.Handoff is { Awaiting: > 0 }) ?? Nodes[fault.Other == first ? (first + 1) % Nodes.Length : fault.Other];
            Touch(second.Index, until);
            second.Leave();
            EndLater(until, () => Restart(second.Index));
        });
        EndLater(until, () => Restart(first));
    }

    /// <summary>Everything heals: links, processes, pauses. Clocks keep their rates.</summary>
    private void Heal()
    {
        Trace.Write(Now, $"-- all heals");
        IsHealed = true;
        Network.Noise = 0;
        TouchAll(Now);
        foreach (SimNode node in Nodes)
        {
            node.Slowness = 0;
        }

        Network.MendAll();
        Data.MendAll();
        for (int from = 0; from < Nodes.Length; from++)
        {
            for (int to = 0; to < Nodes.Length; to++)
            {
                MendNames(from, to);
            }
        }

        foreach (SimNode node in Nodes)
        {
            Restart(node.Index);
        }

        _operatorActsAt = Now + (Timing.HaltedAfter.Ticks * 2);
        Checkers.Convergence.Healed();
    }

    /// <summary>
    /// What an operator does who reads what the nodes say: if a cluster lives, nodes that sit in another one, halted or smaller, are told to join it; else the halted cluster is re-formed where most is known.
    /// </summary>
    private void PlayOperator()
    {
        if (Now < _operatorActsAt)
        {
            return;
        }

        _operatorActsAt = Now + (Timing.Lease.Ticks * 2);
        SimNode? living = Nodes.Where(static node => node.Core is { Phase: ViewPhase.Member } core && core.MayEnter(node.Clock)).MaxBy(static node => node.Core!.Installed.Members.Count);
        if (living?.Core is { } core)
        {
            foreach (SimNode node in Nodes)
            {
                if (node.Core is { Phase: ViewPhase.Member } other && other.Installed.Cluster != core.Installed.Cluster)
                {
                    Trace.Write(Now, $"-- operator: {node.Name} is to join the others");
                    node.Order(static (one, now) => one.Rejoin(now));
                }
            }

            return;
        }

        SimNode? best = Nodes.Where(static node => node.Core is { Phase: ViewPhase.Member, IsHalted: true }).MaxBy(static node => node.Core!.Installed.Epoch);
        if (best is not null)
        {
            Trace.Write(Now, $"-- operator: re-form at {best.Name}");
            best.Order(static (one, now) => one.ReformNow(now));
        }
    }
}
