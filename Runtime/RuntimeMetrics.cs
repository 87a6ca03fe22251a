using System.Diagnostics.Metrics;
using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors;

/// <summary>The runtime's metrics: meter <c>Kameo.Actors</c>. What is measured for each call is measured while somebody listens only, and allocates nothing.</summary>
/// <remarks>Tags are names of classes, interfaces, methods and exception types: as many as the program has.</remarks>
internal sealed class RuntimeMetrics : IDisposable
{
    private const string ClassTag = "class";
    private const string MethodTag = "method";

    private readonly Meter _meter = new("Kameo.Actors");
    private readonly ActorNode _node;
    private readonly Counter<long> _lostTells;
    private readonly Counter<long> _droppedContinuations;
    private readonly Counter<long> _deactivations;
    private readonly Counter<long> _droppedMessages;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _failedCalls;
    private readonly Histogram<double> _callDuration;
    private readonly Histogram<double> _askDuration;

    /// <summary>Makes the instruments of a node.</summary>
    public RuntimeMetrics(ActorNode node)
    {
        _node = node;
        _lostTells = _meter.CreateCounter<long>("kameo.tells.lost", "{tell}", "Tells that reached this node and could not be run, or sent on, by reason.");
        _droppedContinuations = _meter.CreateCounter<long>("kameo.continuations.dropped", "{continuation}", "What would have gone on in an activation that has ended.");
        _deactivations = _meter.CreateCounter<long>("kameo.deactivations", "{activation}", "Activations that ended, by reason.");
        _droppedMessages = _meter.CreateCounter<long>("kameo.topics.dropped", "{message}", "Messages of topics that a subscriber here or another node did not get, by reason.");
        _calls = _meter.CreateCounter<long>("kameo.calls", "{call}", "Turns of calls that have ended, by class and method.");
        _failedCalls = _meter.CreateCounter<long>("kameo.calls.failed", "{call}", "Those that threw, by class, method and type of the exception.");
        _callDuration = _meter.CreateHistogram<double>("kameo.calls.duration", "s", "From the beginning of a call's turn to its end, by class and method.");
        _askDuration = _meter.CreateHistogram<double>("kameo.asks.duration", "s", "From an ask made here to its answer, by method and outcome.");
        _meter.CreateObservableCounter("kameo.failures.forgotten", () => node.Failures.Forgotten, "{failure}", "Failures of actors that found no room to be remembered.");
        _meter.CreateObservableCounter("kameo.deadlocks", () => node.Deadlocks.Found, "{deadlock}", "Circles of waiting actors that were ended by failing a call queued here.");
        _meter.CreateObservableGauge("kameo.activations", () => ByClass(static _ => 1), "{activation}", "Actors in memory, by class.");
        _meter.CreateObservableGauge("kameo.calls.queued", () => ByClass(static activation => activation.QueuedCalls), "{call}", "Calls in the mailboxes of this node's actors, by class.");
        _meter.CreateObservableGauge("kameo.links", () => node.Links.Count, "{link}", "Ends of links that actors of this node have.");
        _meter.CreateObservableGauge("kameo.observers", () => node.Observers.Count, "{observer}", "Local objects that references stand for.");
        _meter.CreateObservableGauge("kameo.calls.delayed", () => node.Delayed.Count, "{call}", "Calls that wait to be sent later.");
        _meter.CreateObservableGauge("kameo.calls.moving", () => node.Slots?.Held ?? 0, "{call}", "Calls that wait for slots that pass from node to node.");
        _meter.CreateObservableCounter("kameo.calls.passed", () => node.Slots?.PassedByRecord ?? 0, "{call}", "Calls that this node, as the owner of their slots, passed on to where their actors are on record.");
        _meter.CreateObservableGauge("kameo.ways.direct", () => node.Slots?.DirectWays ?? 0, "{actor}", "Actors on record elsewhere than at the owner of their slot whose calls go straight there.");
        _meter.CreateObservableGauge("kameo.calls.unplaced", () => node.WithoutHost.Count, "{call}", "Calls that wait for a node that hosts their actor.");
        _meter.CreateObservableGauge("kameo.slots.awaited", () => node.Slots?.Awaited ?? 0, "{slot}", "Slots that this node owns and has not been given yet.");
        _meter.CreateObservableGauge("kameo.topics.subscribers", () => node.Topics.Count, "{subscriber}", "Subscribers of topics on this node.");
        _meter.CreateObservableGauge("kameo.asks.local", () => node.WaitingLocalAsks, "{ask}", "Asks of actors on this node that wait for an answer.");
    }

    /// <summary>Whether anybody wants to know of turns.</summary>
    public bool MeasuresCalls => _callDuration.Enabled || _calls.Enabled || _failedCalls.Enabled;

    /// <summary>Whether anybody wants to know of asks.</summary>
    public bool MeasuresAsks => _askDuration.Enabled;

    /// <summary>Whether somebody listens to what is measured for each call.</summary>
    public bool MeasuresAny => MeasuresCalls || MeasuresAsks;

    /// <summary>A tell that reached this node was not run.</summary>
    public void CountLostTell(FaultCode code)
    {
        if (_lostTells.Enabled)
        {
            _lostTells.Add(1, new KeyValuePair<string, object?>("reason", code.ToString()));
        }
    }

    /// <summary>A message of a topic did not reach a subscriber, or a node.</summary>
    public void CountDroppedMessage(string reason) => _droppedMessages.Add(1, new KeyValuePair<string, object?>("reason", reason));

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

    /// <summary>A turn of a call has ended.</summary>
    public void CountCall(string className, ActorMethod method, TimeSpan duration)
    {
        KeyValuePair<string, object?> classTag = new(ClassTag, className);
        KeyValuePair<string, object?> methodTag = new(MethodTag, method.ToString());
        _calls.Add(1, classTag, methodTag);
        _callDuration.Record(duration.TotalSeconds, classTag, methodTag);
    }

    /// <summary>A turn of a call threw.</summary>
    public void CountFailedCall(string className, ActorMethod method, Exception exception) =>
        _failedCalls.Add(1, new(ClassTag, className), new(MethodTag, method.ToString()), new("error.type", exception.GetType().FullName));

    /// <summary>An ask made here is over.</summary>
    public void CountAsk(ActorMethod method, TimeSpan duration, Exception? failure) =>
        _askDuration.Record(duration.TotalSeconds, new(MethodTag, method.ToString()), new("outcome", OutcomeOf(failure)));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static string OutcomeOf(Exception? failure) => failure switch
    {
        null => "ok",
        OperationCanceledException => "cancelled",
        ActorCallException { Outcome: CallOutcome.NotRun } => "not_run",
        ActorCallException { Outcome: CallOutcome.MayHaveRun } => "may_have_run",
        _ => "failed",
    };

    private IEnumerable<Measurement<long>> ByClass(Func<Activation, long> measure)
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (Activation activation in _node.Activations.All)
        {
            string name = activation.Id.ClassName;
            sums[name] = sums.GetValueOrDefault(name) + measure(activation);
        }

        return sums.Select(static sum => new Measurement<long>(sum.Value, new KeyValuePair<string, object?>(ClassTag, sum.Key)));
    }
}
