namespace Kameo.Actors.Transport.Views;

/// <summary>
/// Who may be a member, vote or hold a lease: a peer in one of its lives. A peer that restarts is another one, which never votes for, renews or releases what the former life promised.
/// </summary>
/// <param name="Peer">The peer.</param>
/// <param name="Incarnation">Its life.</param>
internal readonly record struct MemberId(PeerId Peer, Incarnation Incarnation) : IComparable<MemberId>
{
    /// <summary>Whether this names nobody.</summary>
    public bool IsNone => Incarnation.Value == 0;

    /// <inheritdoc/>
    public bool Equals(MemberId other) => Incarnation.Value == other.Incarnation.Value && Peer == other.Peer;

    /// <inheritdoc/>
    public override int GetHashCode() => Incarnation.GetHashCode();

    /// <summary>By peer, then by incarnation: an order without meaning, the same everywhere.</summary>
    public int CompareTo(MemberId other)
    {
        int order = Peer.CompareTo(other.Peer);
        return order != 0 ? order : Incarnation.Value.CompareTo(other.Incarnation.Value);
    }

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "nobody" : $"{Peer.ToShortString()}/{Incarnation}";
}
