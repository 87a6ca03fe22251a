namespace Kameo.Actors;

/// <summary>How long activations of this actor class are left alone before they are collected, in place of the node's <see cref="ActorNodeOptions.CollectionAge"/>.</summary>
/// <remarks>
/// Of the name and meaning of Orleans 10's attribute, which the referenced Orleans abstractions (3.5.1) do not have yet; where a class has that one, it counts as this, <c>AlwaysActive</c> as for ever. The parts add up; the sum is positive, or the class cannot be
/// activated. An entry of <see cref="ActorNodeOptions.ClassSpecificCollectionAge"/> wins over it, <c>[KeepAlive]</c> over both. Idle activations are looked for every 10 s, or as often as the shortest age.
/// </remarks>
/// <example><code>[CollectionAgeLimit(Minutes = 2)]</code></example>
[AttributeUsage(AttributeTargets.Class, Inherited = true)]
public sealed class CollectionAgeLimitAttribute : Attribute
{
    /// <summary>Days.</summary>
    public double Days { get; set; }

    /// <summary>Hours.</summary>
    public double Hours { get; set; }

    /// <summary>Minutes.</summary>
    public double Minutes { get; set; }

    /// <summary>Seconds.</summary>
    public double Seconds { get; set; }

    /// <summary>All of it.</summary>
    public TimeSpan Age => TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes) + TimeSpan.FromSeconds(Seconds);
}
