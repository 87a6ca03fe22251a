using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Diagnostics;

/// <summary>Looks at a node and says what it saw: one pass over its activations, one over its waiting asks, no locks.</summary>
internal static class NodeDescriber
{
    /// <summary>Looks.</summary>
    public static ActorNodeDescription Describe(ActorNode node)
    {
        long now = node.Clock.NowMilliseconds;
        var classes = new Dictionary<string, ActorClassDescription>(StringComparer.Ordinal);
        var busiest = new PriorityQueue<Activation, long>();
        var longest = new PriorityQueue<Activation, long>();
        foreach (Activation activation in node.Activations.All)
        {
            string name = activation.Id.ClassName;
            ActorClassDescription before = classes.GetValueOrDefault(name) ?? new(name, 0, 0, 0);
            classes[name] = new(name, before.Activations + 1, before.QueuedCalls + activation.QueuedCalls, before.RunningTurns + activation.RunningTurns);
            Keep(busiest, activation, activation.StartedCalls);
            if (activation.QueuedCalls > 0)
            {
                Keep(longest, activation, activation.QueuedCalls);
            }
        }

        List<Wait> waits = WaitsOf(node);
        return new ActorNodeDescription
        {
            Node = node.Id.ToString(),
            Cluster = node.Transport.ClusterName,
            Address = node.Transport.LocalEndPoint?.ToString(),
            IsServing = node.IsServing,
            Activations = node.ActivationCount,
            QueuedCalls = classes.Values.Sum(static one => one.QueuedCalls),
            RunningTurns = classes.Values.Sum(static one => one.RunningTurns),
            Classes = [.. classes.Values.OrderByDescending(static one => one.Activations).ThenBy(static one => one.Name, StringComparer.Ordinal).Take(ActorNodeDescription.ClassesMax)],
            Busiest = Listed(busiest, now),
            LongestQueues = Listed(longest, now),
            WaitingAsks = node.WaitingLocalAsks + node.Transport.PendingAskCount,
            Waits = [.. waits.OrderBy(static wait => wait.Deadline).Take(ActorNodeDescription.ActorsMax).Select(wait => wait.Describe(now))],
            Cycles = WaitCycles.Find(waits.Where(static wait => wait.Caller is not null).Select(static wait => (wait.Caller!.Value, wait.Target)), ActorNodeDescription.ActorsMax),
            Peers = [.. node.Transport.Peers.OrderByDescending(static peer => peer.IsConnected).ThenBy(static peer => peer.Id).Take(ActorNodeDescription.PeersMax).Select(Describe)],
            Transport = Describe(node.Transport),
            Membership = node.Transport.Membership is { } membership ? Describe(membership) : null,
        };
    }

    private static ClusterDescription Describe(NodeMembership membership)
    {
        View view = membership.View;
        return new ClusterDescription(
            view.Cluster.IsNone ? null : $"{view.Cluster.High:x16}{view.Cluster.Low:x16}",
            view.Epoch,
            view.Members.Count,
            [.. view.Members.Take(ActorNodeDescription.MembersMax).Select(member => new MemberDescription(member.Id.Peer.ToString(), member.Address, member.State.ToString().ToLowerInvariant(), view.IsSteward(member.Id)))],
            membership.Leader?.ToString(),
            membership.LeaseSeconds,
            membership.IsHalted,
            membership.Suspects);
    }

    private static PeerDescription Describe(Peer peer) =>
        new(peer.Id.ToString(), peer.IsConnected, peer.RemoteEndPoint?.ToString(), peer.Connection?.PendingCount ?? 0, peer.Connection?.WaitingCount ?? 0);

    private static TransportDescription Describe(TransportNode transport) =>
        new(transport.ConnectionCount, transport.PendingAskCount, transport.WaitingRequestCount, transport.StreamCount, transport.Slabs.OutstandingBytes, transport.GatheredBytes, transport.RingBuffers.Rented);

    /// <summary>Keeps the greatest: the queue's head is the least of them.</summary>
    private static void Keep(PriorityQueue<Activation, long> kept, Activation activation, long rank)
    {
        if (kept.Count < ActorNodeDescription.ActorsMax)
        {
            kept.Enqueue(activation, rank);
        }
        else
        {
            kept.EnqueueDequeue(activation, rank);
        }
    }

    private static ActivationDescription[] Listed(PriorityQueue<Activation, long> kept, long now)
    {
        var listed = new ActivationDescription[kept.Count];
        for (int index = listed.Length - 1; index >= 0; index--)
        {
            Activation one = kept.Dequeue();
            listed[index] = new(
                one.Id.ToString(), one.State.ToString().ToLowerInvariant(), one.StartedCalls, one.QueuedCalls, one.RunningTurns, TimeSpan.FromMilliseconds(Math.Max(0, now - one.LastUsed)));
        }

        return listed;
    }

    private static List<Wait> WaitsOf(ActorNode node)
    {
        var waits = new List<Wait?>();
        node.LocalAsks.Read(waits, ActorNodeDescription.WaitsReadMax, Wait.Of);
        foreach (Connection connection in node.Transport.OpenConnections)
        {
            connection.ReadPending(waits, ActorNodeDescription.WaitsReadMax, Wait.Of);
        }

        return [.. waits.OfType<Wait>()];
    }

    /// <summary>A waiting ask as it was read; null for asks that are no calls of actors.</summary>
    private readonly record struct Wait(ActorId? Caller, ActorId Target, ActorMethod Method, PeerId? Node, long Deadline)
    {
        public static Wait? Of(PendingAsk ask) => ask is ActorCall call ? new Wait(call.AwaitedBy, call.Target, call.Method, call.SentTo, call.DeadlineMilliseconds) : null;

        public WaitDescription Describe(long now) =>
            new(Caller?.ToString(), Target.ToString(), Method.ToString(), Node?.ToString(), TimeSpan.FromMilliseconds(Math.Max(0, Deadline - now)));
    }
}
