namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>What newer kernels add to the least that the loop needs. Found out by trying.</summary>
[Flags]
internal enum UringFeatures
{
    /// <summary>Single receives into buffers that are given back one by one: 5.7.</summary>
    None = 0,

    /// <summary>Completions are worked off inside the loop's own system call, and never interrupt a thread (<c>SINGLE_ISSUER</c>, <c>DEFER_TASKRUN</c>): 6.1.</summary>
    DeferredWork = 1,

    /// <summary>Buffers are given back by a store to shared memory: 5.19.</summary>
    BufferRing = 2,

    /// <summary>One submission receives until the stream ends: 6.0. Needs <see cref="BufferRing"/>.</summary>
    Multishot = 4,

    /// <summary>All of it.</summary>
    All = DeferredWork | BufferRing | Multishot,
}
