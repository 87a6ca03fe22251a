using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Actors;

/// <summary>The actors of every run: of three types, two of them with the same hosts, one of those placed by choice and recorded.</summary>
internal static class Population
{
    /// <summary>How many slots there are: few, so that actors share them.</summary>
    public const int Slots = 4;

    private const int ActorsPerType = 6;

    private static readonly string[] s_types = ["everywhere", "placed", "somewhere"];

    /// <summary>Every actor.</summary>
    public static IReadOnlyList<ActorId> Actors { get; } =
        [.. s_types.SelectMany(static type => Enumerable.Range(0, ActorsPerType).Select(key => new ActorId(type, ActorKey.Of(key))))];

    /// <summary>The slot of an actor.</summary>
    public static int SlotOf(in ActorId id) => (int)(id.Key.Integer % Slots);

    /// <summary>The number of an actor.</summary>
    public static int NumberOf(in ActorId id) => (Array.IndexOf(s_types, id.ClassName) * ActorsPerType) + (int)id.Key.Integer;

    /// <summary>Whether actors of its type are placed by choice.</summary>
    public static bool IsRecorded(in ActorId id) => id.ClassName == "placed";

    /// <summary>The types that a node hosts.</summary>
    public static IReadOnlyList<string> HostedBy(int node) => node % 2 == 0 ? s_types : s_types[..2];

    /// <summary>How much of the slots a node is to have.</summary>
    public static int WeightOf(int node) => 1 + (node % 3);

    /// <summary>The view as a node believes it that goes by what it sees: the planted bug.</summary>
    public static View Seen(View view, Func<Member, bool> sees) =>
        new(view.Cluster, view.Epoch, view.NextJoinIndex, view.WaitsFirst, [.. view.Members.Select(member => sees(member) ? member : member with { HostedTypes = [] })], view.Stewards);
}
