using System.Globalization;
using System.Text;
using System.Text.Json;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport;

/// <summary>What a node knows of its cluster at a moment.</summary>
public sealed record MembershipStatus
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>Its incarnation, 16 hexadecimal digits.</summary>
    public required string Incarnation { get; init; }

    /// <summary><c>fresh</c>, <c>member</c>, <c>stopped</c>; on a client <c>client</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>The cluster's id, 32 hexadecimal digits; empty for none.</summary>
    public required string Cluster { get; init; }

    /// <summary>The epoch of the newest view installed; 0 for none.</summary>
    public required long Epoch { get; init; }

    /// <summary>The greatest epoch known to be settled: all that changed hands up to it has been let go.</summary>
    public required long SettledEpoch { get; init; }

    /// <summary>The leader of the stewards as far as this node knows; empty for none. On a client the member that it follows.</summary>
    public required string Leader { get; init; }

    /// <summary>How long the lease lasts; negative when it has ended; null for none.</summary>
    public required double? LeaseSeconds { get; init; }

    /// <summary>Whether a majority of the stewards has been missing for long.</summary>
    public required bool IsHalted { get; init; }

    /// <summary>Members that are suspected of having failed.</summary>
    public required int Suspects { get; init; }

    /// <summary>The members, oldest first.</summary>
    public required IReadOnlyList<MemberStatus> Members { get; init; }

    /// <summary>Control connections now.</summary>
    public required int ControlConnections { get; init; }

    /// <summary>Bytes said on the control lane since the start, before encryption.</summary>
    public required long ControlBytesSent { get; init; }

    /// <summary>Bytes heard on the control lane since the start.</summary>
    public required long ControlBytesReceived { get; init; }

    /// <summary>Views installed since the start.</summary>
    public required long Views { get; init; }

    /// <summary>How long the newest view has been installed; null for none.</summary>
    public required double? ViewAgeSeconds { get; init; }

    /// <summary>Incarnations of this process that have ended: how often it was evicted and went on.</summary>
    public required long LivesEnded { get; init; }

    /// <summary>How often a majority of the stewards was found missing since the start.</summary>
    public required long Halts { get; init; }

    /// <summary>How often this node began to suspect a member since the start.</summary>
    public required long Suspicions { get; init; }

    /// <summary>Control connections closed since the start because as many as allowed stood.</summary>
    public required long ControlRefused { get; init; }

    /// <summary>Names known, of all members.</summary>
    public required int Names { get; init; }

    /// <summary>Bytes of gossip about names that this node has made since the start, before encryption.</summary>
    public required long GossipBytesSent { get; init; }

    /// <summary>Bytes of gossip about names that it has received since the start.</summary>
    public required long GossipBytesReceived { get; init; }

    /// <summary>
    /// How long the last change of a name registered here that was measured took until every member had acknowledged it: one change at a time is, at most one in ten seconds. Null when none was yet, and on a client.
    /// </summary>
    public required double? ConvergenceSeconds { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, MembershipJson.Default.MembershipStatus);

    /// <summary>As text for people, several lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        CultureInfo culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"node      {Node} incarnation {Incarnation[..4]}: {Phase}{(IsHalted ? ", HALTED" : string.Empty)}\n");
        text.Append(culture, $"cluster   {(Cluster.Length == 0 ? "none" : Cluster[..8])} epoch {Epoch} (settled {SettledEpoch}), leader {(Leader.Length == 0 ? "unknown" : Leader[..Math.Min(10, Leader.Length)])}\n");
        text.Append(culture, $"lease     {Seconds(LeaseSeconds)}, suspects {Suspects} (ever {Suspicions}), lives ended {LivesEnded}, halts {Halts}\n");
        text.Append(culture, $"views     {Views}, the newest for {Seconds(ViewAgeSeconds)}\n");
        text.Append(culture, $"control   {ControlConnections} connections, {ControlBytesSent} B sent, {ControlBytesReceived} B received, {ControlRefused} refused\n");
        text.Append(culture, $"names     {Names} known, gossip {GossipBytesSent} B sent, {GossipBytesReceived} B received, known everywhere after {(ConvergenceSeconds is { } time ? string.Create(culture, $"{time:0.000} s") : "(not measured)")}\n");
        foreach (MemberStatus member in Members)
        {
            text.Append(culture, $"  {member.JoinIndex,4} {member.Node[..10]} {member.State,-8} {(member.IsSteward ? "steward " : "        ")}{member.Address}{(member.IsSelf ? " (this node)" : string.Empty)}\n");
        }

        return text.ToString();

        string Seconds(double? seconds) => seconds is { } known ? string.Create(culture, $"{known:0.0} s") : "none";
    }

    internal static MembershipStatus Of(ControlPlane control)
    {
        View view = control.View;
        var member = control as MemberShell;
        var client = control as ClientShell;
        TimeSpan now = control.Loop.Now;
        (long sent, long received) = control.Bytes;
        return new MembershipStatus
        {
            Node = control.Life.Self.Peer.ToString(),
            Incarnation = control.Life.Self.Incarnation.Value.ToString("x16", CultureInfo.InvariantCulture),
            Phase = member is null ? "client" : member.Core.Phase.ToString().ToLowerInvariant(),
            Cluster = view.Cluster.IsNone ? string.Empty : $"{view.Cluster.High:x16}{view.Cluster.Low:x16}",
            Epoch = view.Epoch,
            SettledEpoch = member?.Core.SettledEpoch ?? 0,
            Leader = (member is null ? client!.Member?.Peer.ToString() : member.Core.Raft.Leader is { IsNone: false } leader ? leader.Peer.ToString() : null) ?? string.Empty,
            LeaseSeconds = control.Life.LeaseEnd > ViewTiming.LongAgo ? (control.Life.LeaseEnd - now).TotalSeconds : null,
            IsHalted = member?.Core.IsHalted ?? false,
            Suspects = member?.Core.Suspects ?? 0,
            Members = [.. view.Members.Select(one => MemberStatus.Of(one, view, control.Life.Self))],
            ControlConnections = control.ConnectionCount,
            ControlBytesSent = sent,
            ControlBytesReceived = received,
            Views = member?.Counters.Views ?? 0,
            ViewAgeSeconds = member is { Counters.Views: > 0 } ? (now - member.Counters.InstalledAt).TotalSeconds : null,
            LivesEnded = member?.Counters.LivesEnded ?? 0,
            Halts = member?.Counters.Halts ?? 0,
            Suspicions = member?.Counters.Suspicions ?? 0,
            ControlRefused = control.Refused,
            Names = control.Names.EntryCount,
            GossipBytesSent = control.Names.Counters.BytesSent,
            GossipBytesReceived = control.Names.Traffic.BytesReceived,
            ConvergenceSeconds = control.Names.LastConvergence?.TotalSeconds,
        };
    }
}
