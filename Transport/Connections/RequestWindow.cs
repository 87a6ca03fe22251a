using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Hop 4, first half: how many bytes of requests this side may still send, as granted by the receiver. Taken before ring space is claimed, so that
/// whatever is in a ring may always be written. Lock-free; any thread.
/// </summary>
/// <remarks>
/// A quarter of the window is kept for requests made inside turns: a turn that waits for an answer must be able to ask, or two nodes with full windows would wait
/// for each other. The bound is the receiver's word in its hello; a sender that overruns it is closed by the receiver.
/// </remarks>
internal sealed class RequestWindow
{
    /// <summary>Far below zero: a retired window never grants again, whatever credit still arrives.</summary>
    private const long Retired = long.MinValue / 2;

    private PaddedWord _available; // Every sender writes it.

    /// <summary>Starts with nothing granted: the peer's hello opens it.</summary>
    public RequestWindow()
    {
    }

    /// <summary>All that the receiver grants, in bytes.</summary>
    public long Total { get; private set; }

    /// <summary>Bytes that may be sent now.</summary>
    public long Available => Volatile.Read(ref _available.Value);

    /// <summary>Whether it was closed for good.</summary>
    public bool IsRetired => Available < -Total;

    /// <summary>Opens the window once, with the bytes of the peer's hello.</summary>
    public void Open(long bytes)
    {
        Total = bytes;
        Interlocked.Add(ref _available.Value, bytes);
    }

    /// <summary>Whether bytes could be taken now. A glance.</summary>
    public bool Has(int bytes, bool insideTurn) => Available - bytes >= (insideTurn ? 0 : Total / 4);

    /// <summary>Takes bytes, all or none.</summary>
    /// <param name="bytes">The frame's bytes, padded.</param>
    /// <param name="insideTurn">Whether the last quarter may be used.</param>
    public bool TryTake(int bytes, bool insideTurn)
    {
        long kept = insideTurn ? 0 : Total / 4;
        long available = Volatile.Read(ref _available.Value);
        while (available - bytes >= kept)
        {
            // Full fence: what follows (the ring claim) is not reordered before the window was taken.
            long seen = Interlocked.CompareExchange(ref _available.Value, available - bytes, available);
            if (seen == available)
            {
                return true;
            }

            available = seen;
        }

        return false;
    }

    /// <summary>Gives bytes back that were taken for a frame which was not claimed after all.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _available.Value, bytes);

    /// <summary>Takes credit from the peer.</summary>
    /// <returns>False when it gives back more than was ever taken: the peer breaks the protocol.</returns>
    public bool TryReturn(long bytes)
    {
        long available = Interlocked.Add(ref _available.Value, bytes);
        return available <= Total;
    }

    /// <summary>Closes the window for good if nothing that was sent against it is still under way; one atomic step against every sender.</summary>
    public bool TryRetire() => Interlocked.CompareExchange(ref _available.Value, Retired, Total) == Total;
}
