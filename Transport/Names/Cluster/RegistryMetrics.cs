using System.Diagnostics.Metrics;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <summary>What the registry counts, as instruments of the transport's meter.</summary>
/// <param name="names">The names.</param>
internal sealed class RegistryMetrics(ClusterNames names)
{
    /// <summary>Adds the instruments. What they read is written under the lock of the names and read without: each is one word.</summary>
    public void Export(TransportMetrics metrics)
    {
        Meter meter = metrics.Meter;
        meter.CreateObservableGauge("kameo.registry.entries", () => names.EntryCount, "{name}", "Names known, of all members.");
        meter.CreateObservableGauge("kameo.registry.entry_bytes", () => names.EntryBytes, "By", "Memory of them, estimated.");
        meter.CreateObservableGauge("kameo.registry.watches", () => names.WatchCount, "{watch}", "Watches of names.");
        Histogram<double> convergence = meter.CreateHistogram<double>(
            "kameo.registry.convergence", "s", "From a change of a name registered here to the moment when every member had acknowledged it: of one change in ten seconds, and of those that somebody began to wait for within a second.");
        names.Converged = time => convergence.Record(time.TotalSeconds);
        Count("messages_sent", "{message}", "Gossip messages made.", () => names.Counters.MessagesSent);
        Count("bytes_sent", "By", "Bytes of them.", () => names.Counters.BytesSent);
        Count("messages_received", "{message}", "Gossip messages of members and clients handled.", () => names.Counters.MessagesHandled);
        Count("bytes_received", "By", "Bytes of gossip received, of anybody.", () => names.Traffic.BytesReceived);
        Count("messages_dropped", "{message}", "Gossip messages for which there was no connection, or no room on it.", () => names.Traffic.MessagesDropped);
        Count("messages_of_strangers", "{message}", "Messages of peers that are neither members nor attached clients; left out.", () => names.Counters.MessagesOfStrangers);
        Count("messages_refused", "{message}", "Messages that no correct node sends; their connection was closed.", () => names.Counters.MessagesRefused);
        Count("deltas_applied", "{delta}", "Changes heard that were new.", () => names.Counters.DeltasApplied);
        Count("deltas_known", "{delta}", "Changes heard that were known: the price of gossip.", () => names.Counters.DeltasKnown);
        Count("deltas_without_room", "{delta}", "Changes heard that the limits had no room for.", () => names.Counters.DeltasWithoutRoom);
        Count("gaps", "{gap}", "Changes heard that came before those they follow, which were asked for.", () => names.Counters.Gaps);
        Count("rounds", "{round}", "Rounds of gossip.", () => names.Counters.Rounds);
        Count("digests", "{digest}", "Comparisons begun.", () => names.Counters.Digests);
        Count("pulls", "{pull}", "Questions for what is missing here.", () => names.Counters.Pulls);
        Count("pulls_timed_out", "{pull}", "Those that were not answered in time.", () => names.Counters.PullsTimedOut);
        Count("pulls_not_answered", "{pull}", "Those of others dropped here, because the bytes of that second were used up.", () => names.Counters.PullsNotAnswered);
        Count("sweeps_sent", "{sweep}", "Parts of full lists sent to receivers far behind.", () => names.Counters.SweepsSent);
        Count("pushes_delayed", "{push}", "Immediate changes that went with a round, because the bytes of that second were used up.", () => names.Counters.PushesDelayed);
        Count("probes", "{probe}", "Questions whether a member knows a change that somebody waits for.", () => names.Counters.Probes);
        Count("names_lost", "{name}", "Names of this node that another has by the rule.", () => names.Counters.NamesLost);
        Count("refused_by_limit", "{request}", "Registrations, waits and clients refused because as many as allowed were there.", () => names.Counters.RefusedByLimit);
        Count("watch_resets", "{reset}", "Times that a watcher was too slow and started anew.", () => names.WatchOverflows);

        void Count(string name, string unit, string description, Func<long> read) => meter.CreateObservableCounter($"kameo.registry.{name}", read, unit, description);
    }
}
