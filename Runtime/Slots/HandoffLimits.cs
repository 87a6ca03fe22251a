namespace Kameo.Actors.Slots;

/// <summary>The bounds of hand-off, each with where its number comes from.</summary>
internal static class HandoffLimits
{
    /// <summary>How often a request is passed on: old owner, new owner, to whom it left something behind, and back.</summary>
    public const int HopsMax = 4;

    /// <summary>How often a message that goes the way of requests is passed on. More than for requests: it is small, and what it ends waits for it.</summary>
    public const int MessageHopsMax = 16;

    /// <summary>Slots of one frame, all its sections together: of 64 groups of types every one of 65,536.</summary>
    public const int SlotsPerFrameMax = 4_194_304;

    /// <summary>Records in one message: with ids of at most 512 bytes 160 KiB. What is longer than a frame the connection sends in parts.</summary>
    public const int RecordsPerFrameMax = 256;

    /// <summary>Ranges in one frame: of 65,536 slots every other one.</summary>
    public const int RangesMax = 32_768;

    /// <summary>Types of a frame: as many as a node may host.</summary>
    public const int TypesMax = 4_096;

    /// <summary>Slots: the greater of the two counts that a cluster is founded with.</summary>
    public const int SlotsMax = 65_536;

    /// <summary>Requests held for all slots that move. Those from other nodes are also bounded by the windows granted.</summary>
    public const int HeldMax = 65_536;

    /// <summary>Messages and requests held from nodes that are ahead by a view.</summary>
    public const int AheadMax = 65_536;

    /// <summary>Records of one slot; a placement beyond is refused as overloaded. At 128 bytes each 8 MiB.</summary>
    public const int RecordsPerSlotMax = 65_536;

    /// <summary>Actors of this node's slots that were told to move and have not been called since. At 128 bytes each 8 MiB.</summary>
    public const int MovesMax = 65_536;

    /// <summary>Records of one answer, all its parts together.</summary>
    public const int RecordsMax = 4_194_304;
}
