namespace Kameo.Actors.Transport.Frames;

/// <summary>Flags of a frame. The numbers are on the wire and never change; a flag that a receiver does not know is ignored.</summary>
[Flags]
internal enum FrameFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>On ping and flush: this is the answer.</summary>
    Answer = 1,

    /// <summary>On tell and ask: sent from inside a turn, so it may use the quarter of the window kept for such requests.</summary>
    InTurn = 2,

    /// <summary>On tell, ask and reply: the payload comes as the first of the streams that the message names.</summary>
    Streamed = 4,

    /// <summary>On tell and ask: forwarded by a node that no longer runs the target.</summary>
    Forwarded = 8,
}
