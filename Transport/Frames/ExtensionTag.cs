namespace Kameo.Actors.Transport.Frames;

/// <summary>
/// What an extension of a frame header is. The numbers are on the wire and never change. An unknown tag below <see cref="MustUnderstand"/> is skipped; from there on
/// the frame is refused with a named fault.
/// </summary>
internal enum ExtensionTag : byte
{
    /// <summary>u32: milliseconds until the sender's deadline, as of when the frame was claimed.</summary>
    RemainingTime = 1,

    /// <summary>W3C trace context, binary: 16 bytes trace id, 8 bytes span id, 1 byte flags; then <c>tracestate</c> as text, up to 512 bytes, if there is one.</summary>
    TraceContext = 2,

    /// <summary>The id of the calling actor.</summary>
    Caller = 3,

    /// <summary>The call chain that the request belongs to, for reentrancy and deadlock detection.</summary>
    CallChain = 4,

    /// <summary>Where the answer goes if not to the sender.</summary>
    ReplyTo = 5,

    /// <summary>The sender's view epoch and fence.</summary>
    ViewEpochAndFence = 6,

    /// <summary>The request context, 1 KiB at most.</summary>
    RequestContext = 7,

    /// <summary>How the payload is encoded; absent = MessagePack.</summary>
    Codec = 8,

    /// <summary>Nothing: makes the payload start where the sender wants it.</summary>
    Padding = 9,

    /// <summary>The target's id in full, when the target number is 0.</summary>
    TargetName = 10,

    /// <summary>The interface and method in full, when the method number is 0.</summary>
    MethodName = 11,

    /// <summary>u8: 1: the owner of its slot sent it where it has the actor on record; 2: it came back from where the actor was; 4: its caller sent it straight to where the actor is, and a u32 follows: which of its stays there.</summary>
    SlotWay = 12,

    /// <summary>The first tag that a receiver must understand.</summary>
    MustUnderstand = 128,

    /// <summary>u64 each: the numbers of the streams that belong to the message, in the sender's counting on this connection; 16 at most.</summary>
    Streams = 129,
}
