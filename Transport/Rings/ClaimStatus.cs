namespace Kameo.Actors.Transport.Rings;

/// <summary>What became of a claim for ring space.</summary>
internal enum ClaimStatus : byte
{
    /// <summary>The space is the caller's until it publishes.</summary>
    Claimed,

    /// <summary>There is no room now; there will be when the writer has sealed more. Nothing was changed.</summary>
    Full,

    /// <summary>The ring takes no more frames.</summary>
    Closed,

    /// <summary>The frame is longer than <see cref="SendRing{TAtomics}.MaxFrameBytes"/> and can never be claimed: send it as a stream.</summary>
    TooLarge,
}
