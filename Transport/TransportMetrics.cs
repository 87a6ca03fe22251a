using System.Diagnostics.Metrics;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport;

/// <summary>What the transport counts, under the meter <see cref="MeterName"/>.</summary>
public sealed class TransportMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Kameo.Actors.Transport";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _lostTells;
    private readonly Counter<long> _lostThere;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _payloadsGivenUp;

    internal TransportMetrics(TransportNode node)
    {
        BytesSent = _meter.CreateCounter<long>("kameo.transport.bytes_sent", "By", "Ciphertext handed to links.");
        BytesReceived = _meter.CreateCounter<long>("kameo.transport.bytes_received", "By", "Ciphertext received from links.");
        Parked = _meter.CreateCounter<long>("kameo.transport.requests_parked", "{request}", "Requests that waited for window, ring or pending table.");
        TargetsPaused = _meter.CreateCounter<long>("kameo.transport.targets_paused", "{pause}", "Times that a peer asked to send nothing more to a target for now.");
        ReplyBudgetMet = _meter.CreateCounter<long>("kameo.transport.reply_budget_met", "{time}", "Times that an ask found as many answers awaited or unread as the limits allow, and waited on.");
        LateReplies = _meter.CreateCounter<long>("kameo.transport.replies_late", "{reply}", "Replies to asks that nobody awaits any more.");
        _lostTells = _meter.CreateCounter<long>("kameo.transport.tells_lost", "{tell}", "Tells accepted and lost here, by reason.");
        _lostThere = _meter.CreateCounter<long>("kameo.transport.tells_lost_there", "{tell}", "Tells of this node that peers accepted and lost, by reason, as they say in sums.");
        _refused = _meter.CreateCounter<long>("kameo.transport.requests_refused", "{request}", "Requests answered without being handled, by reason.");
        _closed = _meter.CreateCounter<long>("kameo.transport.connections_closed", "{connection}", "Connections ended, by reason.");
        _payloadsGivenUp = _meter.CreateCounter<long>("kameo.transport.payloads_given_up", "{payload}", "Payloads beyond a frame that did not get through, by reason: stalled, too_large, memory.");
        _meter.CreateObservableGauge("kameo.transport.connections", () => node.ConnectionCount, "{connection}", "Connections, handshakes included.");
        _meter.CreateObservableGauge("kameo.transport.peers", () => node.PeerCount, "{peer}", "Peers known, connected or not.");
        _meter.CreateObservableGauge("kameo.transport.asks_pending", () => node.PendingAskCount, "{ask}", "Asks that await an answer.");
        _meter.CreateObservableGauge("kameo.transport.reply_bytes_granted", () => (long)node.PendingBudget.AsksGranted * PendingBudget.ReplyBytesMax, "By", "What answers may take that connections have room for now, beside what each has for itself.");
        _meter.CreateObservableGauge("kameo.transport.requests_waiting", () => node.WaitingRequestCount, "{request}", "Requests that wait to be sent.");
        _meter.CreateObservableGauge("kameo.transport.replies_waiting_bytes", () => node.WaitingReplyBytes, "By", "Answers that wait for their peers to read those before them.");
        _meter.CreateObservableGauge("kameo.transport.slab_bytes", () => node.Slabs.OutstandingBytes, "By", "Receive memory in use.");
        _meter.CreateObservableCounter("kameo.transport.receive_memory_refused", () => node.Slabs.RetainsRefused, "{time}", "Times that something received was not kept because receive memory had reached its limit: requests and streams are refused, answers are copied.");
        _meter.CreateObservableGauge("kameo.transport.streams", () => node.StreamCount, "{stream}", "Streams that have not ended, in either direction.");
        _meter.CreateObservableGauge("kameo.transport.gathered_bytes", () => node.GatheredBytes, "By", "Memory of payloads too large for a frame.");
        _meter.CreateObservableGauge("kameo.transport.rings", () => node.RingBuffers.Rented, "{ring}", "Send rings that hold a buffer.");
    }

    internal Meter Meter => _meter;

    internal Counter<long> BytesSent { get; }

    internal Counter<long> BytesReceived { get; }

    internal Counter<long> Parked { get; }

    internal Counter<long> ReplyBudgetMet { get; }

    internal Counter<long> LateReplies { get; }

    internal Counter<long> TargetsPaused { get; }

    /// <summary>Whether an instrument is this node's: several nodes of a process have meters of the same name.</summary>
    internal bool Owns(Instrument instrument) => instrument.Meter == _meter;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void CountLostTell(string reason) => _lostTells.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void CountLostTell(FaultCode code) => CountLostTell(code.ToString());

    internal void CountLostThere(FaultCode code, long tells) => _lostThere.Add(tells, new KeyValuePair<string, object?>("reason", code.ToString()));

    /// <summary>A request was not handled; the sender of a tell is told, too.</summary>
    internal void CountRefused(FaultCode code, bool isAsk, Connection? from)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("reason", code.ToString()));
        if (!isAsk)
        {
            CountLostTell(code);
            from?.CountLostTell(code);
        }
    }

    internal void CountGivenUp(string reason) => _payloadsGivenUp.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void CountClosed(CloseReason reason) => _closed.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
}
