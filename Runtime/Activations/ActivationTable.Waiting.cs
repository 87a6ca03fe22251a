using Kameo.Actors.Workers;

namespace Kameo.Actors.Activations;

/// <summary>Who might have a call of an actor.</summary>
internal sealed partial class ActivationTable
{
    /// <summary>The activations of an id: one, none, or several workers.</summary>
    public IReadOnlyList<Activation> Of(in ActorId id) =>
        _activations.Find(id) is { } one ? [one] : _pools.TryGetValue(id, out WorkerPool? pool) ? pool.Workers : [];
}
