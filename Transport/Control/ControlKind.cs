namespace Kameo.Actors.Transport.Control;

/// <summary>What a frame of the control lane is. A frame is a u32 of its length without these four bytes, little-endian, a byte of kind, and a MessagePack payload.</summary>
/// <remarks>The numbers are on the wire and never change. A kind that is not known is skipped.</remarks>
internal enum ControlKind : byte
{
    /// <summary>The first frame of each side: the same hello as on the data lane.</summary>
    Hello = 1,

    /// <summary>A message of views, <see cref="Views.Wire.ViewWire"/>.</summary>
    View = 2,

    /// <summary>A whole view, from a member to a client that follows through it.</summary>
    Follow = 3,

    /// <summary>A client asks whether its member lives; the payload comes back as it is.</summary>
    Ping = 4,

    /// <summary>The answer.</summary>
    Pong = 5,

    /// <summary>The incarnation of this end is over, or the connection is not wanted: a Boolean that says which (true: over), and a sentence.</summary>
    Goodbye = 6,
}
