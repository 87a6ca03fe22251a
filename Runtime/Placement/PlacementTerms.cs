using System.Reflection;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Placement;

/// <summary>Where actors of a class run, as its attribute or the node's options say. Orleans' attributes are matched by name.</summary>
/// <param name="Placement">Where.</param>
/// <param name="Label">Of pinned ones: the label or the node.</param>
internal sealed record PlacementTerms(ActorPlacement Placement, string? Label)
{
    /// <summary>Computed from the id.</summary>
    public static PlacementTerms Hashed { get; } = new(ActorPlacement.Hashed, null);

    private static readonly Dictionary<string, ActorPlacement> s_orleans = new(StringComparer.Ordinal)
    {
        ["Orleans.Placement.HashBasedPlacementAttribute"] = ActorPlacement.Hashed,
        ["Orleans.Placement.PreferLocalPlacementAttribute"] = ActorPlacement.PreferLocal,
        ["Orleans.Placement.RandomPlacementAttribute"] = ActorPlacement.Random,
        ["Orleans.Placement.ActivationCountBasedPlacementAttribute"] = ActorPlacement.LeastLoaded,
        ["Orleans.Placement.ResourceOptimizedPlacementAttribute"] = ActorPlacement.LeastLoaded,
    };

    /// <summary>Whether the owner of an actor's slot keeps on record where the actor is.</summary>
    public bool IsRecorded => Placement != ActorPlacement.Hashed;

    /// <summary>Of a pinned class: whether a member that hosts it has the label, or is the node.</summary>
    public bool Fits(Member member) => member.Labels.Contains(Label ?? string.Empty) || member.Id.Peer.ToString() == Label;

    /// <summary>Works them out: the node's options, then the class's own attribute, then Orleans'.</summary>
    public static PlacementTerms Of(ActorNodeOptions options, Type type)
    {
        var said = type.GetCustomAttribute<ActorPlacementAttribute>(inherit: true);
        if (options.ClassSpecificPlacement.TryGetValue(type, out ActorPlacementAttribute? chosen))
        {
            said = chosen;
        }

        if (said is not null)
        {
            return new PlacementTerms(said.Placement, said.Label);
        }

        for (Type? declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            foreach (CustomAttributeData attribute in declaring.GetCustomAttributesData())
            {
                if (attribute.AttributeType.FullName is { } name && s_orleans.TryGetValue(name, out ActorPlacement placement))
                {
                    return new PlacementTerms(placement, null);
                }
            }
        }

        return Hashed;
    }
}
