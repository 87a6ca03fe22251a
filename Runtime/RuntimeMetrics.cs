using System.Diagnostics.Metrics;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors;

/// <summary>The runtime's metrics: meter <c>Kameo.Actors</c>.</summary>
internal sealed class RuntimeMetrics : IDisposable
{
    private readonly Meter _meter = new("Kameo.Actors");
    private readonly Counter<long> _lostTells;
    private readonly Counter<long> _droppedContinuations;
    private readonly Counter<long> _deactivations;

    /// <summary>Makes the instruments of a node.</summary>
    public RuntimeMetrics(ActorNode node)
    {
        _lostTells = _meter.CreateCounter<long>("kameo.tells.lost", "{tell}", "Tells that reached this node and could not be run, by reason.");
        _droppedContinuations = _meter.CreateCounter<long>("kameo.continuations.dropped", "{continuation}", "What would have gone on in an activation that has ended.");
        _deactivations = _meter.CreateCounter<long>("kameo.deactivations", "{activation}", "Activations that ended, by reason.");
        _meter.CreateObservableCounter("kameo.failures.forgotten", () => node.Failures.Forgotten, "{failure}", "Failures of actors that found no room to be remembered.");
        _meter.CreateObservableGauge("kameo.activations", () => node.ActivationCount, "{activation}", "Actors in memory.");
        _meter.CreateObservableGauge("kameo.links", () => node.Links.Count, "{link}", "Ends of links that actors of this node have.");
        _meter.CreateObservableGauge("kameo.observers", () => node.Observers.Count, "{observer}", "Local objects that references stand for.");
        _meter.CreateObservableGauge("kameo.asks.local", () => node.WaitingLocalAsks, "{ask}", "Asks of actors on this node that wait for an answer.");
    }

    /// <summary>A tell that reached this node was not run.</summary>
    public void CountLostTell(FaultCode code) => _lostTells.Add(1, new KeyValuePair<string, object?>("reason", code.ToString()));

    /// <summary>Something wanted to go on in an activation that has ended.</summary>
    public void CountDroppedContinuation() => _droppedContinuations.Add(1);

    /// <summary>An activation ended.</summary>
    public void CountDeactivation(DeactivationReason reason)
    {
        if (_deactivations.Enabled)
        {
            _deactivations.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
