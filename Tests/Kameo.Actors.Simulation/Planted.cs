using Kameo.Actors.Slots;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation;

/// <summary>The rules of a run: the right ones, or those with a bug planted.</summary>
/// <param name="Views">Of views.</param>
/// <param name="Handoff">Of hand-off.</param>
internal sealed record Planted(ViewRules Views, HandoffRules Handoff)
{
    /// <summary>Rules of the registry that are broken.</summary>
    public RegistryFlaws Registry { get; init; }

    /// <summary>Whether a process that goes on with an incarnation numbers its names above those of the one before.</summary>
    public bool NamesGoOn { get; init; } = true;

    /// <summary>The right rules.</summary>
    public static Planted Nothing { get; } = new(ViewRules.Right, HandoffRules.Right);
}
