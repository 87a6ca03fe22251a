using Kameo.Actors.Transport;

namespace Kameo.Actors.Deadlocks;

/// <summary>One turn of one node. Unique while anybody can speak of it; ordered, so that all who see a circle of turns agree on one of them.</summary>
/// <param name="Node">Where it runs.</param>
/// <param name="Number">Which turn of that node.</param>
internal readonly record struct TurnId(PeerId Node, ulong Number) : IComparable<TurnId>
{
    /// <inheritdoc/>
    public int CompareTo(TurnId other) => Number.CompareTo(other.Number) is var order and not 0 ? order : Node.CompareTo(other.Node);
}
