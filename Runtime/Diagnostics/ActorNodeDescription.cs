using System.Text.Json;

namespace Kameo.Actors;

/// <summary>What a node is doing at one moment, for people and for tools: what <see cref="ActorNode.Describe"/> gives. Bounded, however many actors there are.</summary>
/// <remarks>Read while everything goes on, so its numbers need not fit each other exactly. <see cref="ToString"/> is a page of text, <see cref="ToJson"/> the same as JSON.</remarks>
public sealed record ActorNodeDescription
{
    /// <summary>Most actors in a list.</summary>
    public const int ActorsMax = 20;

    /// <summary>Most classes listed: those with the most actors.</summary>
    public const int ClassesMax = 100;

    /// <summary>Most peers listed: connected ones first.</summary>
    public const int PeersMax = 100;

    /// <summary>Most members listed: the oldest.</summary>
    public const int MembersMax = 100;

    /// <summary>Most waiting asks looked at; the <see cref="ActorsMax"/> whose deadlines come first are listed.</summary>
    public const int WaitsReadMax = 4096;

    /// <summary>The node's id.</summary>
    public required string Node { get; init; }

    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>Where it listens; null: it only dials.</summary>
    public string? Address { get; init; }

    /// <summary>Whether it takes calls: it was started, does not stop, and holds its lease.</summary>
    public required bool IsServing { get; init; }

    /// <summary>Actors in memory.</summary>
    public required int Activations { get; init; }

    /// <summary>Calls in their mailboxes.</summary>
    public required long QueuedCalls { get; init; }

    /// <summary>Turns that have begun and not ended.</summary>
    public required int RunningTurns { get; init; }

    /// <summary>The classes with the most actors here.</summary>
    public required IReadOnlyList<ActorClassDescription> Classes { get; init; }

    /// <summary>The actors that took the most calls since they were activated.</summary>
    public required IReadOnlyList<ActivationDescription> Busiest { get; init; }

    /// <summary>The actors with the most calls waiting.</summary>
    public required IReadOnlyList<ActivationDescription> LongestQueues { get; init; }

    /// <summary>Asks made on this node that wait for an answer.</summary>
    public required int WaitingAsks { get; init; }

    /// <summary>Those of them whose deadlines come first.</summary>
    public required IReadOnlyList<WaitDescription> Waits { get; init; }

    /// <summary>Circles of actors of this node that wait for each other, each as the ids along it: a deadlock, unless one of them takes calls meanwhile. At most <see cref="ActorsMax"/>.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Cycles { get; init; }

    /// <summary>The nodes it is or lately was connected to.</summary>
    public required IReadOnlyList<PeerDescription> Peers { get; init; }

    /// <summary>What the transport holds.</summary>
    public required TransportDescription Transport { get; init; }

    /// <summary>What it knows of its cluster; null for a node without membership.</summary>
    public ClusterDescription? Membership { get; init; }

    /// <summary>The same as JSON, in camel case.</summary>
    /// <param name="indented">Whether for people.</param>
    public string ToJson(bool indented = false) =>
        JsonSerializer.Serialize(this, indented ? DescriptionJson.Indented.ActorNodeDescription : DescriptionJson.Default.ActorNodeDescription);

    /// <summary>A page of text.</summary>
    public override string ToString() => Diagnostics.DescriptionText.Write(this);
}

/// <summary>The actors of one class on a node.</summary>
/// <param name="Name">The wire name of the class.</param>
/// <param name="Activations">How many are in memory.</param>
/// <param name="QueuedCalls">Calls in their mailboxes.</param>
/// <param name="RunningTurns">Turns that have begun and not ended.</param>
public sealed record ActorClassDescription(string Name, int Activations, long QueuedCalls, int RunningTurns);

/// <summary>One actor in memory.</summary>
/// <param name="Actor">Its id.</param>
/// <param name="State">Where it stands in its life: new, activating, active, deactivating, ended.</param>
/// <param name="Calls">Calls that it took since it was activated.</param>
/// <param name="QueuedCalls">Calls in its mailbox.</param>
/// <param name="RunningTurns">Its turns that have begun and not ended.</param>
/// <param name="UnusedFor">How long ago its last turn ended.</param>
public sealed record ActivationDescription(string Actor, string State, long Calls, long QueuedCalls, int RunningTurns, TimeSpan UnusedFor);

/// <summary>An ask that waits for its answer.</summary>
/// <param name="Caller">The actor whose turn awaits it; null: it was made outside of turns, or nobody awaits it yet.</param>
/// <param name="Target">The actor asked.</param>
/// <param name="Method">The interface and method.</param>
/// <param name="Node">The node it was sent to; null: this one.</param>
/// <param name="TimeLeft">When it fails at the latest.</param>
public sealed record WaitDescription(string? Caller, string Target, string Method, string? Node, TimeSpan TimeLeft);

/// <summary>A node that this one is or was connected to.</summary>
/// <param name="Node">Its id.</param>
/// <param name="IsConnected">Whether a connection stands.</param>
/// <param name="Address">Where it is connected from or to.</param>
/// <param name="WaitingAsks">Asks that await an answer from it.</param>
/// <param name="WaitingRequests">Requests that wait to be sent to it.</param>
public sealed record PeerDescription(string Node, bool IsConnected, string? Address, int WaitingAsks, int WaitingRequests);

/// <summary>What the transport of a node holds.</summary>
/// <param name="Connections">Connections, handshakes included.</param>
/// <param name="WaitingAsks">Asks that await an answer from other nodes.</param>
/// <param name="WaitingRequests">Requests that wait to be sent.</param>
/// <param name="Streams">Streams that have not ended, in either direction.</param>
/// <param name="SlabBytes">Receive memory in use.</param>
/// <param name="GatheredBytes">Memory of payloads too large for a frame.</param>
/// <param name="Rings">Send rings that hold a buffer.</param>
public sealed record TransportDescription(int Connections, int WaitingAsks, int WaitingRequests, int Streams, long SlabBytes, long GatheredBytes, int Rings);

/// <summary>What a node knows of its cluster. <see cref="Transport.NodeMembership.GetStatusAsync"/> knows more, and asks the thread of membership for it.</summary>
/// <param name="Id">The cluster's id; null before the first view.</param>
/// <param name="Epoch">The epoch of the newest view; 0 before the first.</param>
/// <param name="Members">How many members it has.</param>
/// <param name="Oldest">The oldest of them, <see cref="ActorNodeDescription.MembersMax"/> at most.</param>
/// <param name="Leader">The leader of the stewards as far as the node knows, on a client the member that it follows; null for none.</param>
/// <param name="LeaseSeconds">How long the node's lease lasts, negative when it has ended; null for none.</param>
/// <param name="IsHalted">Whether a majority of the stewards has been missing for long.</param>
/// <param name="Suspects">Members that the node suspects of having failed.</param>
public sealed record ClusterDescription(string? Id, long Epoch, int Members, IReadOnlyList<MemberDescription> Oldest, string? Leader, double? LeaseSeconds, bool IsHalted, int Suspects);

/// <summary>A member of the cluster as a view has it.</summary>
/// <param name="Node">Its id.</param>
/// <param name="Address">Where it is dialled.</param>
/// <param name="State"><c>joining</c>, <c>up</c> or <c>leaving</c>.</param>
/// <param name="IsSteward">Whether it is one of those who agree on views.</param>
public sealed record MemberDescription(string Node, string Address, string State, bool IsSteward);
