using System.Diagnostics.Metrics;

namespace Kameo.Actors.Transport.Membership;

/// <summary>What a node knows of its cluster, as instruments of the transport's meter.</summary>
/// <param name="control">The control lane.</param>
internal sealed class MembershipMetrics(ControlPlane control)
{
    /// <summary>Adds the instruments. What they read is written by the control thread and read without a lock: each is one word, or an object that is replaced whole.</summary>
    public void Export(TransportMetrics metrics)
    {
        Meter meter = metrics.Meter;
        meter.CreateObservableGauge("kameo.cluster.epoch", () => control.View.Epoch, "{view}", "The epoch of the newest view installed; 0 for none.");
        meter.CreateObservableGauge("kameo.cluster.members", () => control.View.Members.Count, "{member}", "Members in it.");
        meter.CreateObservableGauge("kameo.cluster.stewards", () => control.View.Stewards.Count, "{member}", "Members that agree on views.");
        meter.CreateObservableGauge("kameo.cluster.serving", () => control.Life.MayEnter() ? 1 : 0, "{node}", "1 while this node holds a lease and may run actors.");
        meter.CreateObservableGauge("kameo.cluster.lease", () => Math.Max(0, (control.Life.LeaseEnd - control.Loop.Now).TotalSeconds), "s", "How long its lease lasts.");
        meter.CreateObservableGauge("kameo.cluster.control_connections", () => control.ConnectionCount, "{connection}", "Connections of the control lane.");
        meter.CreateObservableCounter("kameo.cluster.control_refused", () => control.Refused, "{connection}", "Connections of the control lane closed because as many as allowed stood.");
        meter.CreateObservableCounter("kameo.cluster.control_bytes_sent", () => control.BytesGlance.Sent, "By", "Bytes said on the control lane, before encryption.");
        meter.CreateObservableCounter("kameo.cluster.control_bytes_received", () => control.BytesGlance.Received, "By", "Bytes heard on it.");
        if (control is not MemberShell member)
        {
            return;
        }

        meter.CreateObservableGauge("kameo.cluster.leading", () => member.IsLeading ? 1 : 0, "{node}", "1 while this node leads the stewards.");
        meter.CreateObservableGauge("kameo.cluster.suspects", () => member.Suspects, "{member}", "Members that this node suspects of having failed.");
        meter.CreateObservableCounter("kameo.cluster.suspicions", () => member.Counters.Suspicions, "{member}", "Times that this node began to suspect a member.");
        meter.CreateObservableGauge("kameo.cluster.halted", () => member.IsHalted ? 1 : 0, "{node}", "1 while a majority of the stewards is missing.");
        meter.CreateObservableCounter("kameo.cluster.views", () => member.Counters.Views, "{view}", "Views installed.");
        meter.CreateObservableCounter("kameo.cluster.lives_ended", () => member.Counters.LivesEnded, "{life}", "Incarnations of this process that have ended: how often it was evicted and went on.");
        meter.CreateObservableCounter("kameo.cluster.halts", () => member.Counters.Halts, "{halt}", "Times that a majority of the stewards was found missing.");
        meter.CreateObservableCounter("kameo.cluster.messages_sent", () => member.Counters.MessagesSent, "{message}", "Messages of agreement, leases and detection sent.");
        meter.CreateObservableCounter("kameo.cluster.messages_received", () => member.Counters.MessagesReceived, "{message}", "Messages of agreement, leases and detection received.");
    }
}
