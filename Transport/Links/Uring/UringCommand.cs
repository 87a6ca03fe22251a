namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>What other threads ask of a loop.</summary>
internal enum UringCommandKind : byte
{
    /// <summary>Begin to receive.</summary>
    Add,

    /// <summary>Tell the link when there is room to send.</summary>
    WatchRoom,

    /// <summary>End.</summary>
    End,
}

/// <summary>One request to a loop.</summary>
/// <param name="Link">For whom.</param>
/// <param name="Kind">What.</param>
internal readonly record struct UringCommand(UringLink Link, UringCommandKind Kind);
