using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport.Views;

/// <summary>
/// Who is in the cluster, agreed: any two members that install epoch e of a cluster id install the same view. Immutable; made from the view before by a <see cref="ViewChange"/>, the same everywhere.
/// </summary>
internal sealed class View
{
    private Dictionary<MemberId, Member>? _byId;
    private HashSet<string>? _addresses;
    private Step? _next;

    /// <summary>Makes a view from all that is in it.</summary>
    public View(ClusterId cluster, long epoch, long nextJoinIndex, bool waitsFirst, IReadOnlyList<Member> members, IReadOnlyList<MemberId> stewards)
    {
        Cluster = cluster;
        Epoch = epoch;
        NextJoinIndex = nextJoinIndex;
        WaitsFirst = waitsFirst;
        Members = members;
        Stewards = stewards;
    }

    /// <summary>The founding.</summary>
    public ClusterId Cluster { get; }

    /// <summary>Rises by one with each view of a cluster id.</summary>
    public long Epoch { get; }

    /// <summary>What the next admitted member gets.</summary>
    public long NextJoinIndex { get; }

    /// <summary>Whether the cluster was re-formed from one that may still have leases, and no later view is settled: no slot starts before W after this is applied.</summary>
    public bool WaitsFirst { get; }

    /// <summary>The members, oldest first.</summary>
    public IReadOnlyList<Member> Members { get; }

    /// <summary>Those who agree on the next views.</summary>
    public IReadOnlyList<MemberId> Stewards { get; }

    /// <summary>The highest protocol version that every member understands.</summary>
    public byte ProtocolMax => Members.Count == 0 ? ViewLimits.ProtocolVersion : Members.Min(static member => member.ProtocolMax);

    // Most views between two that are installed are never asked.
    private Dictionary<MemberId, Member> ById => _byId ??= Members.ToDictionary(static member => member.Id);

    /// <summary>The first view of a cluster: its founder, up and sole steward.</summary>
    /// <param name="cluster">The new cluster's id.</param>
    /// <param name="epoch">Above every epoch known and above unix seconds &lt;&lt; 20, so that fences rise over foundings.</param>
    /// <param name="founder">The founder.</param>
    /// <param name="waitsFirst">Whether it re-forms a cluster whose leases may still run.</param>
    public static View Found(ClusterId cluster, long epoch, Member founder, bool waitsFirst) =>
        new(cluster, epoch, nextJoinIndex: 1, waitsFirst, [founder with { JoinIndex = 0, State = MemberState.Up }], [founder.Id]);

    /// <summary>Who should be stewards: the oldest min(7, largest odd &lt;= N).</summary>
    public static IReadOnlyList<MemberId> StewardsOf(IReadOnlyList<Member> members)
    {
        int odd = members.Count % 2 == 0 ? members.Count - 1 : members.Count;
        return [.. members.Take(Math.Min(ViewLimits.StewardsMax, odd)).Select(static member => member.Id)];
    }

    /// <summary>Whether it is a member.</summary>
    public bool Contains(in MemberId id) => ById.ContainsKey(id);

    /// <summary>Finds a member.</summary>
    public bool TryFind(in MemberId id, [NotNullWhen(true)] out Member? member) => ById.TryGetValue(id, out member);

    /// <summary>Whether a member is dialled there.</summary>
    public bool HasAddress(string address) => (_addresses ??= [.. Members.Select(static member => member.Address)]).Contains(address);

    /// <summary>The incarnation of a peer that is a member; null if none is.</summary>
    public Member? FindPeer(PeerId peer)
    {
        foreach (Member member in Members)
        {
            if (member.Id.Peer == peer)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>Whether it is a steward.</summary>
    public bool IsSteward(in MemberId id)
    {
        for (int i = 0; i < Stewards.Count; i++)
        {
            if (Stewards[i] == id)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The next view. The one made last is made once: a leader asks for it before it writes the change down, and of many nodes in one process that share a view and a change all share the next.</summary>
    public View Next(ViewChange change)
    {
        Step? next = _next;
        if (next is null || !ReferenceEquals(next.Change, change) || !next.View.TryGetTarget(out View? view))
        {
            view = Make(change);
            _next = new Step(change, new WeakReference<View>(view));
        }

        return view;
    }

    private View Make(ViewChange change)
    {
        List<Member> members = new(Members.Count + change.Admitted.Count);
        // Looked up once for each member: a view of thousands is made from one in which a hundred change.
        HashSet<MemberId>? removed = change.Removed.Count == 0 ? null : [.. change.Removed.Select(static departure => departure.Id)];
        HashSet<MemberId>? raised = change.Raised.Count == 0 ? null : [.. change.Raised];
        HashSet<MemberId>? leaving = change.Leaving.Count == 0 ? null : [.. change.Leaving];
        foreach (Member member in Members)
        {
            if (removed?.Contains(member.Id) == true)
            {
                continue;
            }

            MemberState state = leaving?.Contains(member.Id) == true ? MemberState.Leaving
                : member.State == MemberState.Joining && raised?.Contains(member.Id) == true ? MemberState.Up
                : member.State;
            members.Add(state == member.State ? member : member with { State = state });
        }

        long joinIndex = NextJoinIndex;
        foreach (Member newcomer in change.Admitted)
        {
            members.Add(newcomer with { JoinIndex = joinIndex++, State = MemberState.Joining });
        }

        return new View(Cluster, Epoch + 1, joinIndex, waitsFirst: false, members, change.Stewards ?? Stewards);
    }

    /// <summary>Whether both say the same: what one history of views means.</summary>
    public bool SameAs(View other) => ReferenceEquals(this, other) || (
        Cluster == other.Cluster && Epoch == other.Epoch && NextJoinIndex == other.NextJoinIndex && Members.Count == other.Members.Count && Stewards.SequenceEqual(other.Stewards)
        && Members.Zip(other.Members).All(static pair => pair.First.Id == pair.Second.Id && pair.First.JoinIndex == pair.Second.JoinIndex && pair.First.State == pair.Second.State
            && pair.First.Weight == pair.Second.Weight && pair.First.Terms == pair.Second.Terms && pair.First.Address == pair.Second.Address
            && pair.First.HostedTypes.SequenceEqual(pair.Second.HostedTypes) && pair.First.Labels.SequenceEqual(pair.Second.Labels)));

    /// <inheritdoc/>
    public override string ToString() => $"{Cluster}@{Epoch} [{string.Join(", ", Members)}] stewards [{string.Join(' ', Stewards)}]";

    /// <summary>A change and what came of it; weak, so that an old view that somebody keeps keeps no later one.</summary>
    private sealed record Step(ViewChange Change, WeakReference<View> View);
}
