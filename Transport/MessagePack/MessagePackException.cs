namespace Kameo.Actors.Transport.MessagePack;

/// <summary>Bytes that are not the MessagePack that was expected: truncated, of another type, out of range, nested too deep.</summary>
public sealed class MessagePackException : Exception
{
    /// <summary>Makes one.</summary>
    public MessagePackException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
