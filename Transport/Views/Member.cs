namespace Kameo.Actors.Transport.Views;

/// <summary>What a view says of one member: everything that placement reads, and nothing that may change without a new view.</summary>
/// <remarks>Hosted types, weight and labels of an incarnation are fixed when it joins.</remarks>
internal sealed record Member
{
    /// <summary>Who it is.</summary>
    public required MemberId Id { get; init; }

    /// <summary>Where it is dialled.</summary>
    public required string Address { get; init; }

    /// <summary>Its age: the how-manieth admission to this cluster, counted over all views. The lower, the older.</summary>
    public long JoinIndex { get; init; }

    /// <summary>How much of the slots it is to have, relative to others.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>What operators say of it, as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The actor types it hosts.</summary>
    public IReadOnlyList<string> HostedTypes { get; init; } = [];

    /// <summary>The terms of its lease, the same for every member.</summary>
    public LeaseTerms Terms { get; init; } = LeaseTerms.Of(ViewTiming.Lan);

    /// <summary>The lowest version of this protocol that it understands.</summary>
    public byte ProtocolMin { get; init; } = ViewLimits.ProtocolVersion;

    /// <summary>The highest version that it understands; the leader writes no entry above the lowest of these.</summary>
    public byte ProtocolMax { get; init; } = ViewLimits.ProtocolVersion;

    /// <summary>Joining, up or leaving.</summary>
    public MemberState State { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} #{JoinIndex} {State}";
}
