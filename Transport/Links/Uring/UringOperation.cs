namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>Operations of the ring: <c>enum io_uring_op</c>.</summary>
internal enum UringOperation : byte
{
    /// <summary>Completes when a descriptor is ready.</summary>
    Poll = 6,

    /// <summary>Ends another operation early.</summary>
    Cancel = 14,

    /// <summary>read(2).</summary>
    Read = 22,

    /// <summary>recv(2).</summary>
    Receive = 27,

    /// <summary>Gives the kernel buffers, where it has no buffer rings.</summary>
    ProvideBuffers = 31,
}
