namespace Kameo.Actors.Transport.Streams;

/// <summary>
/// How much of one stream may be under way while messages share its connection: about what the way between the nodes holds by itself. What is beyond that stands in some queue, and every message waits behind it.
/// </summary>
/// <remarks>
/// <para>
/// A <em>turn</em> lasts from a chunk, the last one before a credit, until all that was under way with it has been read and credited. The least turn with little under way, of the last ten to twenty seconds, is the way without queues; while none is known the bound is its least, which brings one. Of a turn with F bytes that lasted T, the way
/// holds F · least / T; a quarter more is allowed, so that the bound rises by a quarter each turn where nothing queues (a long way), and falls back to its least where all that more bytes do is queue (a short one). It falls by half at most: one turn may be slow by chance.
/// </para>
/// <para>While no message is near, the reader's window alone bounds a stream. Pure: told what happened; guarded by the lock of its <see cref="StreamSender"/>.</para>
/// </remarks>
/// <param name="leastBytes">The bound is never less, headers counted.</param>
/// <param name="ticksPerSecond">Of the clock whose ticks it is told.</param>
internal sealed class StreamPace(long leastBytes, long ticksPerSecond)
{
    /// <summary>A message is near until so many bytes of chunks went out without one: a millisecond's worth at a gigabyte a second.</summary>
    public const long NearBytes = 1024 * 1024;

    /// <summary>So much of each stream, headers counted, may always go at once: most streams are no longer.</summary>
    public const long FirstBytes = 64 * 1024;

    /// <summary>When so much has been read its reader gives the first credit: less than <see cref="FirstBytes"/> by more than a sender may leave of it.</summary>
    public const int FirstCreditBytes = 48 * 1024;

    private const int MemorySeconds = 10;

    private readonly long _memory = MemorySeconds * ticksPerSecond;
    private long _sinceMessage = NearBytes;
    private long _held;
    private long _leastTurn = long.MaxValue;
    private long _leastLately = long.MaxValue;
    private long _latelySince;

    /// <summary>Most bytes of each stream under way now, headers counted; no bound of this kind while no message is near.</summary>
    public long BytesMax => _sinceMessage < NearBytes ? Bound : long.MaxValue;

    private long Bound => Math.Max(leastBytes, _held);

    /// <summary>A chunk was put.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="isBehindMessage">Whether a message was put since the last chunk.</param>
    public void OnPut(int bytes, bool isBehindMessage) => _sinceMessage = isBehindMessage ? 0 : Math.Min(NearBytes, _sinceMessage + bytes);

    /// <summary>A turn is over.</summary>
    /// <param name="bytes">What was under way when it began.</param>
    /// <param name="began">When it began.</param>
    /// <param name="now">Now.</param>
    public void OnTurn(long bytes, long began, long now)
    {
        if (now - _latelySince > _memory)
        {
            _leastTurn = now - _latelySince > 2 * _memory ? long.MaxValue : _leastLately; // The way may have become a longer one.
            _leastLately = long.MaxValue;
            _latelySince = now;
        }

        long turn = Math.Max(1, now - began);
        if (bytes <= 2 * leastBytes)
        {
            _leastLately = Math.Min(_leastLately, turn);
            _leastTurn = Math.Min(_leastTurn, turn);
        }

        if (_leastTurn == long.MaxValue)
        {
            _held = 0;
        }
        else if (bytes >= Bound / 2)
        {
            _held = Math.Max(Bound / 2, (long)(1.25 * bytes * Math.Min(_leastTurn, turn) / turn)); // Of less the source was the limit, which says nothing of the way.
        }
    }
}
