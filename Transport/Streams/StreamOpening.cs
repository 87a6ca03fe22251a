namespace Kameo.Actors.Transport.Streams;

/// <summary>What became of the streams that a message names.</summary>
internal enum StreamOpening : byte
{
    /// <summary>They are open, or it names none.</summary>
    Opened,

    /// <summary>More would be open than may be: the message is refused.</summary>
    TooMany,

    /// <summary>The peer breaks the protocol: no list of numbers, too many for one message, or a number that is in use.</summary>
    Broken,
}
