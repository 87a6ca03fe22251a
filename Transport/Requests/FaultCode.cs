namespace Kameo.Actors.Transport.Requests;

/// <summary>What a fault frame says went wrong. The numbers are on the wire and never change.</summary>
internal enum FaultCode : byte
{
    /// <summary>The handler or actor threw: type name, message and stack travel. It ran.</summary>
    Exception = 1,

    /// <summary>The target's queue is full and stayed full until the deadline. It did not run.</summary>
    Overloaded = 2,

    /// <summary>Nothing here has that name or hosts that actor type. It did not run.</summary>
    NoSuchTarget = 3,

    /// <summary>The target has no such method. It did not run.</summary>
    NoSuchMethod = 4,

    /// <summary>Both sides were built against different versions of the interface. It did not run.</summary>
    ContractMismatch = 5,

    /// <summary>The arguments could not be decoded. It did not run.</summary>
    BadArguments = 6,

    /// <summary>The deadline passed before it started. It did not run.</summary>
    Expired = 7,

    /// <summary>The caller cancelled before it started. It did not run.</summary>
    Cancelled = 8,

    /// <summary>The node is shutting down or may not serve now. It did not run.</summary>
    NotServing = 9,

    /// <summary>The request was forwarded too often. It did not run.</summary>
    TooManyHops = 10,

    /// <summary>The actor could not be activated: its constructor or <c>OnActivateAsync</c> threw. The method did not run.</summary>
    ActivationFailed = 11,

    /// <summary>It ran, but its result could not be sent: too large, or it cannot be encoded.</summary>
    BadResult = 12,

    /// <summary>The node that forwarded lost the way to the target. It may have run.</summary>
    Unreachable = 13,

    /// <summary>The frame carries an extension that must be understood and is not. It did not run.</summary>
    UnknownExtension = 14,

    /// <summary>The caller cancelled while it ran, and it ended by that cancellation. It may have run in part.</summary>
    CancelledWhileRunning = 15,

    /// <summary>The target failed and takes nothing for a while. It did not run.</summary>
    Stopped = 20,

    /// <summary>The target handed it on, and who it was handed to did not answer in time. It may have run.</summary>
    TimedOut = 21,

    /// <summary>It was queued behind a turn that waits for it. It did not run.</summary>
    Deadlock = 22,
}
