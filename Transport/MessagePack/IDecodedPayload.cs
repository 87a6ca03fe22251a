namespace Kameo.Actors.Transport.MessagePack;

/// <summary>A payload that came with a message, or was moved along with one, in the list of those of that message. Its owner is decided by whoever read the message.</summary>
internal interface IDecodedPayload : IDisposable
{
    /// <summary>The next one of the message.</summary>
    IDecodedPayload? Next { get; set; }

    /// <summary>It belongs to whoever holds it from now on.</summary>
    void HandOver();

    /// <summary>The message is done with: disposes it, unless it belongs to somebody.</summary>
    void EndMessage();
}
