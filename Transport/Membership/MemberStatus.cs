using System.Globalization;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport;

/// <summary>What a view says of one member.</summary>
public sealed record MemberStatus
{
    /// <summary>Who it is.</summary>
    public required string Node { get; init; }

    /// <summary>Its incarnation, 16 hexadecimal digits.</summary>
    public required string Incarnation { get; init; }

    /// <summary>Where it is dialled.</summary>
    public required string Address { get; init; }

    /// <summary>Its age: the lower, the older.</summary>
    public required long JoinIndex { get; init; }

    /// <summary><c>joining</c>, <c>up</c> or <c>leaving</c>.</summary>
    public required string State { get; init; }

    /// <summary>Whether it is one of those who agree on views.</summary>
    public required bool IsSteward { get; init; }

    /// <summary>Whether it is the node that says this.</summary>
    public required bool IsSelf { get; init; }

    /// <summary>How much of the actors it is to have, relative to others.</summary>
    public required int Weight { get; init; }

    /// <summary>What operators say of it.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The actor types it hosts.</summary>
    public required IReadOnlyList<string> HostedTypes { get; init; }

    internal static MemberStatus Of(Member member, View view, MemberId self) => new()
    {
        Node = member.Id.Peer.ToString(),
        Incarnation = member.Id.Incarnation.Value.ToString("x16", CultureInfo.InvariantCulture),
        Address = member.Address,
        JoinIndex = member.JoinIndex,
        State = member.State.ToString().ToLowerInvariant(),
        IsSteward = view.IsSteward(member.Id),
        IsSelf = member.Id == self,
        Weight = member.Weight,
        Labels = member.Labels,
        HostedTypes = [.. member.HostedTypes.Select(static hosted => hosted.Split('\n')[0])], // What else is said of a class is the layer above's.
    };
}
