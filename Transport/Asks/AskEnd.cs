namespace Kameo.Actors.Transport.Asks;

/// <summary>How an ask ended, as far as the connection knows. Decides what may be said to the caller: "did not run" only where that is certain.</summary>
internal enum AskEnd : byte
{
    /// <summary>It has not ended.</summary>
    None = 0,

    /// <summary>A reply arrived.</summary>
    Replied,

    /// <summary>A fault arrived: the payload says whether it ran.</summary>
    Faulted,

    /// <summary>It was sent and not answered in time. It may have run.</summary>
    TimedOut,

    /// <summary>It was sent, then cancelled by its caller. It may have run.</summary>
    Cancelled,

    /// <summary>It was cancelled by its caller before it was sent. It did not run.</summary>
    CancelledUnsent,

    /// <summary>It was handed to TLS and the connection ended. It may have run.</summary>
    ConnectionLost,

    /// <summary>The connection ended, or was not open, before any byte of it was handed to TLS. It did not run.</summary>
    NotSent,

    /// <summary>Its deadline passed, or too many waited, before there was room to send it. It did not run.</summary>
    Overloaded,

    /// <summary>It does not fit a frame. It did not run.</summary>
    TooLarge,
}
