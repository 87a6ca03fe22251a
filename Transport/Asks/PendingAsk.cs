using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Asks;

/// <summary>An ask that waits for its answer. The runtime's call objects derive from it; users never see more than that.</summary>
/// <remarks>
/// It belongs to one <see cref="PendingTable"/> from <c>TryAdd</c> until somebody takes it out: the answer, the deadline, the caller's cancellation, or the end of the
/// connection. Exactly one of them gets it and completes it.
/// </remarks>
public abstract class PendingAsk : Completion
{
    /// <summary>The <see cref="RingPosition"/> of an ask that was not claimed in a ring yet.</summary>
    internal const long NotClaimed = long.MaxValue;

    internal PendingAsk()
    {
    }

    /// <summary>What the answer carries to find this ask: slot in the low 32 bits, generation in the high ones. Set by the table, 0 before.</summary>
    internal ulong Correlation { get; set; }

    /// <summary>
    /// Where its frame starts in the ring, or <see cref="NotClaimed"/>. Set between claim and publish. If it is not below the ring's sealed position when the
    /// connection ends, the ask surely did not run.
    /// </summary>
    internal long RingPosition { get; set; } = NotClaimed;

    /// <summary>How it ended; set before <see cref="Completion.Complete"/> is queued.</summary>
    internal AskEnd End { get; set; }

    /// <summary>A sentence about an end that is neither reply nor fault.</summary>
    internal string? EndDetail { get; set; }

    /// <summary>Why the connection ended, if it did.</summary>
    internal CloseReason EndReason { get; set; }

    /// <summary>The payload of the reply or fault; a field, since it is released in place.</summary>
    internal ReplyHold Reply;

    /// <summary>The streams that went with it: they end with it, unless it is answered. Null for none.</summary>
    internal OutboundStream[]? SentStreams { get; set; }

    /// <summary>The streams that came with the reply; null for none.</summary>
    internal InboundStream[]? Streams { get; set; }

    /// <summary>Its frame while that waits in a send queue; under that queue's lock.</summary>
    internal ParkedSend? Parked { get; set; }

    /// <summary>The connection it was given to last: a connection that another takes over from passes its waiting asks on.</summary>
    internal Connection? Through { get; set; }

    /// <summary>Its caller cancelled it while it was being passed on.</summary>
    internal bool IsCancelWanted { get; set; }

    /// <summary>Before it is used again: forgets how it was sent and how it ended.</summary>
    private protected void ResetAsk()
    {
        Correlation = 0;
        Through = null;
        IsCancelWanted = false;
        Reply = default;
        SentStreams = null;
        Streams = null;
        End = AskEnd.None;
        EndDetail = null;
        EndReason = CloseReason.None;
    }
}
