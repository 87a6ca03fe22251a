namespace Kameo.Actors.Transport.Rings;

/// <summary>Says whether a writer is draining a connection's rings, so that exactly one thread does, and never none while a frame waits.</summary>
/// <remarks>
/// <para>Hop 5. Whoever holds the flag is the writer: the only consumer of the rings and the only one that writes to the socket.</para>
/// <para><b>No lost wake-up.</b> Sender and writer each store one word and then look at the other's (Dekker's pattern):</para>
/// <code>
/// sender                             writer
/// S1 publish: length word = n        W1 flag = idle
/// S2 full fence                      W2 full fence
/// S3 flag idle? then take it         W3 ring empty? no: take the flag again
/// </code>
/// <para>
/// Without the fences both loads could be done before the stores leave the store buffers (x86 does that, ARM too): the sender sees "running", the
/// writer sees "empty", the frame waits for ever. With them one of the two fences comes first in the total order of fences. If S2 is
/// first, W3 sees the published length and the writer takes the flag again. If W2 is first, S3 sees idle and the sender becomes
/// the writer. If both see it, one compare-exchange wins. A third thread that takes the flag between W1 and W3 is the writer from then on
/// and comes to its own W1 to W3; so the argument is about the last release, after which nobody else changes head or buffer.
/// </para>
/// <para>
/// <b>What the flag carries.</b> The writer's plain fields (in the ring, the TLS session's out-queue) pass from one writer to the next: the store at W1 is a
/// release, the compare-exchange of <see cref="TryAcquire"/> an acquire.
/// </para>
/// </remarks>
internal sealed class DrainFlag<TAtomics>
    where TAtomics : struct, IRingAtomics
{
    private const long Idle = 0;
    private const long Running = 1;

    private readonly TAtomics _atomics;
    private PaddedWord _state;

    /// <summary>Makes an idle flag.</summary>
    public DrainFlag(TAtomics atomics = default) => _atomics = atomics;

    /// <summary>Whether some thread is the writer. A snapshot, for metrics and tests.</summary>
    public bool IsRunning => _atomics.Read(ref _state.Value) == Running;

    /// <summary>Called after a publish (and after anything else that gives the writer work): true makes the caller the writer, who must drain and then release.</summary>
    public bool TryAcquire()
    {
        // S2. The look before the compare-exchange keeps the cache line shared while a writer runs.
        _atomics.Fence();
        return _atomics.Read(ref _state.Value) == Idle && _atomics.CompareExchange(ref _state.Value, Running, Idle) == Idle;
    }

    /// <summary>Called by the writer when it found its source empty, or wants to stop: gives the flag up unless there is something to take.</summary>
    /// <param name="source">What the writer empties.</param>
    /// <returns>True if the caller is the writer again and must go on; false if it is not any more.</returns>
    /// <typeparam name="TSource">A sealed class or struct, so that the look is not a virtual call.</typeparam>
    public bool Release<TSource>(TSource source)
        where TSource : IDrainSource
    {
        _atomics.Write(ref _state.Value, Idle);
        _atomics.Fence();
        return !source.IsEmpty && TryAcquire();
    }
}
