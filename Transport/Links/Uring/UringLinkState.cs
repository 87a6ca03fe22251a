namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>Where a link stands with its loop. Read and written by the loop's thread alone.</summary>
internal enum UringLinkState : byte
{
    /// <summary>The loop does not know it yet.</summary>
    New,

    /// <summary>It receives.</summary>
    Open,

    /// <summary>It delivers nothing any more and waits for the last completions of its operations.</summary>
    Ending,

    /// <summary>Its socket is closed and its receiver told.</summary>
    Removed,
}
