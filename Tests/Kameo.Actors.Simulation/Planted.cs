using Kameo.Actors.Slots;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation;

/// <summary>The rules of a run: the right ones, or those with a bug planted.</summary>
/// <param name="Views">Of views.</param>
/// <param name="Handoff">Of hand-off.</param>
internal sealed record Planted(ViewRules Views, HandoffRules Handoff)
{
    /// <summary>The right rules.</summary>
    public static Planted Nothing { get; } = new(ViewRules.Right, HandoffRules.Right);
}
