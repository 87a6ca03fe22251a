namespace Kameo.Actors.Transport.Frames;

/// <summary>What a frame is. The numbers are on the wire and never change.</summary>
internal enum FrameKind : byte
{
    /// <summary>First frame of each side: protocol range, capabilities, cluster, incarnation.</summary>
    Hello = 1,

    /// <summary>Binds a number to an interface, method or target id for this connection.</summary>
    Define = 2,

    /// <summary>A message without an answer.</summary>
    Tell = 3,

    /// <summary>A message that is answered by exactly one <see cref="Reply"/> or <see cref="Fault"/> with the same correlation.</summary>
    Ask = 4,

    /// <summary>The result of an ask.</summary>
    Reply = 5,

    /// <summary>The failure of an ask.</summary>
    Fault = 6,

    /// <summary>The caller of an ask no longer wants its answer.</summary>
    Cancel = 7,

    /// <summary>More window for requests or for a stream.</summary>
    Credit = 8,

    /// <summary>Send nothing to this target for now.</summary>
    Pause = 9,

    /// <summary>The target takes requests again.</summary>
    Resume = 10,

    /// <summary>Opens a stream.</summary>
    StreamOpen = 11,

    /// <summary>A chunk of a stream.</summary>
    StreamData = 12,

    /// <summary>The end of a stream, orderly or not.</summary>
    StreamEnd = 13,

    /// <summary>Asks that everything before it be handled before the answer; and that answer.</summary>
    Flush = 14,

    /// <summary>Registry gossip.</summary>
    Gossip = 15,

    /// <summary>A sign of life, and its answer (<see cref="FrameFlags.Answer"/>).</summary>
    Ping = 16,

    /// <summary>Last frame of a side that closes in good order, with the reason.</summary>
    Goodbye = 17,

    /// <summary>A message of the layer above about where requests go: it keeps its place among the requests of its sender, and needs no window. Target 1: a part of one; the correlation is how many bytes follow.</summary>
    Ordered = 18,

    /// <summary>How many tells that came over the connection were accepted and lost since the last one, by reason.</summary>
    Lost = 19,
}
