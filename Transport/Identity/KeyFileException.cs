namespace Kameo.Actors.Transport;

/// <summary>A key file that cannot be read, written or trusted. The message is one line for a person.</summary>
public sealed class KeyFileException : Exception
{
    /// <summary>Makes one.</summary>
    public KeyFileException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
