namespace Kameo.Actors.Transport.Registry;

/// <summary>What a registry has counted since it began, for metrics.</summary>
internal sealed class RegistryCounters
{
    /// <summary>Messages sent.</summary>
    public long MessagesSent { get; set; }

    /// <summary>Bytes of them.</summary>
    public long BytesSent { get; set; }

    /// <summary>Messages handled, of any sort.</summary>
    public long MessagesHandled { get; set; }

    /// <summary>Messages of peers that are neither members nor attached clients: left out.</summary>
    public long MessagesOfStrangers { get; set; }

    /// <summary>Messages that no correct node sends: left out, and their sender is named to the shell.</summary>
    public long MessagesRefused { get; set; }

    /// <summary>Deltas that told something new.</summary>
    public long DeltasApplied { get; set; }

    /// <summary>Deltas of which all was known: the price of gossip.</summary>
    public long DeltasKnown { get; set; }

    /// <summary>Deltas that began after what was known: the interval between was asked for.</summary>
    public long Gaps { get; set; }

    /// <summary>Deltas of writers that are not in the view, or of other incarnations.</summary>
    public long DeltasOfStrangers { get; set; }

    /// <summary>Deltas whose entries found no room.</summary>
    public long DeltasWithoutRoom { get; set; }

    /// <summary>Rounds of gossip.</summary>
    public long Rounds { get; set; }

    /// <summary>Digests begun.</summary>
    public long Digests { get; set; }

    /// <summary>Parts of digests that found no place in the answer.</summary>
    public long DigestPartsLeftOut { get; set; }

    /// <summary>Pulls sent.</summary>
    public long Pulls { get; set; }

    /// <summary>Pulls that were not answered in time.</summary>
    public long PullsTimedOut { get; set; }

    /// <summary>Pulls of others not answered, because the bytes of that second were used up.</summary>
    public long PullsNotAnswered { get; set; }

    /// <summary>Parts of sweeps sent, to receivers far behind.</summary>
    public long SweepsSent { get; set; }

    /// <summary>Immediate changes that travelled with a round, because the bytes of that second were used up.</summary>
    public long PushesDelayed { get; set; }

    /// <summary>Questions for acknowledgements.</summary>
    public long Probes { get; set; }

    /// <summary>Names of this node that another has by the rule.</summary>
    public long NamesLost { get; set; }

    /// <summary>Registrations, watches, waits and clients refused because as many as allowed were there.</summary>
    public long RefusedByLimit { get; set; }
}
