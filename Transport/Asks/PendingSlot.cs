namespace Kameo.Actors.Transport.Asks;

/// <summary>One place in a <see cref="PendingTable"/>.</summary>
internal struct PendingSlot
{
    /// <summary>Generation in the high 32 bits, 1 or 0 for taken or free in the lowest. Decides who owns the other fields.</summary>
    public long State;

    /// <summary>When the ask in it expires, as a timestamp of the node's clock.</summary>
    public long Deadline;

    /// <summary>The ask.</summary>
    public PendingAsk? Ask;

    /// <summary>While free: the next free slot's index plus 1, or 0.</summary>
    public int NextFree;
}
