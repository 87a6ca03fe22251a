namespace Kameo.Actors.Transport.Asks;

/// <summary>An ask that waits for its answer. The runtime's call objects derive from it; users never see more than that.</summary>
/// <remarks>
/// It belongs to one <see cref="PendingTable"/> from <c>TryAdd</c> until somebody takes it out: the answer, the deadline, the caller's cancellation, or the end of the
/// connection. Exactly one of them gets it and completes it.
/// </remarks>
public abstract class PendingAsk
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

    /// <summary>How it ended; set before <see cref="Complete"/> is queued.</summary>
    internal AskEnd End { get; set; }

    /// <summary>A sentence about an end that is neither reply nor fault.</summary>
    internal string? EndDetail { get; set; }

    /// <summary>Why the connection ended, if it did.</summary>
    internal CloseReason EndReason { get; set; }

    /// <summary>The payload of the reply or fault; a field, since it is released in place.</summary>
    internal ReplyHold Reply;

    /// <summary>Links the asks that one received batch answered, until <see cref="ReplyBatch"/> completes them. Nobody else uses it.</summary>
    internal PendingAsk? Next { get; set; }

    /// <summary>Finishes an ask whose outcome was stored in it, by running what awaits it, user code included. Called once, on the thread pool.</summary>
    internal abstract void Complete();
}
