using System.Diagnostics.Metrics;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors;

/// <summary>The runtime's metrics: meter <c>Kameo.Actors</c>.</summary>
internal sealed class RuntimeMetrics : IDisposable
{
    private readonly Meter _meter = new("Kameo.Actors");
    private readonly Counter<long> _lostTells;
    private readonly Counter<long> _droppedContinuations;

    /// <summary>Makes the instruments of a node.</summary>
    public RuntimeMetrics(ActorNode node)
    {
        _lostTells = _meter.CreateCounter<long>("kameo.tells.lost", "{tell}", "Tells that reached this node and could not be run, by reason.");
        _droppedContinuations = _meter.CreateCounter<long>("kameo.continuations.dropped", "{continuation}", "What would have gone on in an activation that has ended.");
        _meter.CreateObservableGauge("kameo.activations", () => node.ActivationCount, "{activation}", "Actors in memory.");
        _meter.CreateObservableGauge("kameo.observers", () => node.Observers.Count, "{observer}", "Local objects that references stand for.");
        _meter.CreateObservableGauge("kameo.asks.local", () => node.WaitingLocalAsks, "{ask}", "Asks of actors on this node that wait for an answer.");
    }

    /// <summary>A tell that reached this node was not run.</summary>
    public void CountLostTell(FaultCode code) => _lostTells.Add(1, new KeyValuePair<string, object?>("reason", code.ToString()));

    /// <summary>Something wanted to go on in an activation that has ended.</summary>
    public void CountDroppedContinuation() => _droppedContinuations.Add(1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
