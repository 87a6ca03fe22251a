namespace Kameo.Actors.Transport.Frames;

/// <summary>What <see cref="FrameReader.TryRead"/> found.</summary>
internal enum FrameReadStatus : byte
{
    /// <summary>No whole frame is there; more bytes are needed.</summary>
    NeedMore,

    /// <summary>A frame.</summary>
    Frame,

    /// <summary>The bytes are not a valid frame, and nothing after them is read: close the connection with <see cref="FrameReader.Refusal"/>.</summary>
    Malformed,
}
