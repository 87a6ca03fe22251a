using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport;

/// <summary>Something that the transport could not do: connect, listen, send, or get an answer.</summary>
public sealed class TransportException : Exception
{
    /// <summary>Makes one.</summary>
    public TransportException(CloseReason reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    internal TransportException(AskEnd end, CloseReason reason, string message)
        : base(message)
    {
        End = end;
        Reason = reason;
    }

    /// <summary>Why the connection ended or was refused; <see cref="CloseReason.None"/> when no connection ended.</summary>
    public CloseReason Reason { get; }

    /// <summary>Whether the request that failed may have been handled: false only when that is certain.</summary>
    public bool MayHaveRun => End is AskEnd.TimedOut or AskEnd.ConnectionLost or AskEnd.Cancelled or AskEnd.Faulted;

    /// <summary>How the ask ended.</summary>
    internal AskEnd End { get; }
}
