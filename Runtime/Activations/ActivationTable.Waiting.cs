using Kameo.Actors.Workers;

namespace Kameo.Actors.Activations;

/// <summary>Who might have a call of an actor.</summary>
internal sealed partial class ActivationTable
{
    /// <summary>The activations of an id: one, none, or several workers.</summary>
    public IReadOnlyList<Activation> Of(ActorId id) =>
        _activations.TryGetValue(id, out Activation? one) ? [one] : _pools.TryGetValue(id, out WorkerPool? pool) ? pool.Workers : [];
}
