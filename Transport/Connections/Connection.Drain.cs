using System.Buffers;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Rings;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Hop 5: whoever finds the drain flag idle seals all that is in the ring into few full records and writes them with one call; bounded, then a pool thread goes on, or, where streams are open, the thread that reads sockets, in turn with what it has made ready.
/// </summary>
/// <remarks>
/// The flag passes with the work: while the link is busy with a send (<c>_send</c>) nobody holds the flag as a thread, and the link's report takes it up again.
/// Credits, pings and their answers are no frames in the ring but small states that the drain turns into frames before every data record: bounded by what they are.
/// </remarks>
internal sealed partial class Connection : IDrainSource, IThreadPoolWorkItem
{
    /// <summary>Most plaintext of one TLS record (RFC 8446, 5.1).</summary>
    private const int RecordBytesMax = 16 * 1024;

    /// <summary>Records a drain seals before it writes: 64 KiB, what one system call moves well.</summary>
    private const int RecordsPerWrite = 4;

    /// <summary>What a record adds to its plaintext at most: header, type byte and tag are 22 bytes; the rest is room for a key update or an alert.</summary>
    private const int RecordOverheadBytes = 256;

    private const int OutBytes = RecordsPerWrite * (RecordBytesMax + RecordOverheadBytes);

    /// <summary>How long nothing is sent before the ring's buffer goes back to the node: two ticks. Renting takes a lock, so not after each drain.</summary>
    private const int RingIdleMilliseconds = 200;

    /// <summary>No send is under way.</summary>
    private const int SendNone = 0;

    /// <summary>The holder of the flag is in the link's send: it keeps the flag, and nobody else touches the memory.</summary>
    private const int SendCalled = 1;

    /// <summary>The link was busy: whoever turns this into <see cref="SendNone"/> holds the flag.</summary>
    private const int SendBusy = 2;

    /// <summary>The link reported before its send returned.</summary>
    private const int SendReported = 3;

    private readonly DrainFlag<HardwareAtomics> _drain = new();
    private byte[]? _out;
    private int _send;
    private bool _ending;
    private bool _helloSealed;
    private int _pingWanted;
    private int _pongWanted;
    private PaddedWord _creditToSend; // Whoever releases a request writes it.
    private int _creditWanted;
    private PaddedWord _isNoted; // Whoever sends in a batch writes it.
    private long _idlePosition;
    private long _idleSince;

    /// <summary>Whether a drain would find nothing to do. Asked after the flag was let go, too.</summary>
    public bool IsEmpty =>
        State < ConnectionState.Closing && _tls.CiphertextBytes == 0 && (!_tls.IsEstablished || (_ring.IsEmpty && !ControlWaits));

    /// <summary>Whether an orderly end still has frames to send: the ring is closed, so this ends; the linger deadline bounds it.</summary>
    private bool MustFlush =>
        CloseReason is CloseReason.Shutdown or CloseReason.Duplicate && _tls.IsEstablished && Volatile.Read(ref _linkClosed) == 0 && !_ring.IsDrained;

    private bool ControlWaits =>
        _helloSealed
        && ((Volatile.Read(ref _pingWanted) | Volatile.Read(ref _pongWanted) | Volatile.Read(ref _creditWanted)) != 0 || Volatile.Read(ref _creditToSend.Value) >= _limits.CreditBatchBytes);

    /// <inheritdoc/>
    public void OnSent()
    {
        // Partner: Send, which marks it busy when the link's send has returned.
        if (Interlocked.CompareExchange(ref _send, SendReported, SendCalled) != SendCalled && TryTakeSend())
        {
            Drain(RecordsPerWrite); // Who tells of it may be a loop, which has others to read.
        }
    }

    /// <summary>A caller's drain reached its bound and the flag came along: the pool goes on, or, in turn with what else it has to do, the thread that reads sockets.</summary>
    void IThreadPoolWorkItem.Execute() => Drain(LeaderWork.Current is null && !SendBatch.IsOpen ? int.MaxValue : RecordsPerWrite);

    /// <summary>The next connection that a batch has noted; used by <see cref="SendBatch"/> alone.</summary>
    public Connection? NextNoted { get; set; }

    /// <summary>A batch has ended, or the pool stands in for it.</summary>
    public void DrainNoted()
    {
        // Before draining: a frame published after this notes the connection again. Partner: the exchange in KickAfterSend, behind the publication.
        Interlocked.Exchange(ref _isNoted.Value, 0);
        KickDrain();
    }

    /// <summary>Called after a frame was published: drains, or leaves it to the end of this thread's batch.</summary>
    private void KickAfterSend()
    {
        if (!SendBatch.IsOpen || _ring.UsedBytes >= RecordBytesMax)
        {
            KickDrain();
        }
        else if (Interlocked.Exchange(ref _isNoted.Value, 1) == 0)
        {
            SendBatch.Note(this);
        }
    }

    /// <summary>Called after anything that gives the writer work: drains if nobody does.</summary>
    private void KickDrain()
    {
        if (_drain.TryAcquire())
        {
            Drain(RecordsPerWrite);
        }
    }

    /// <summary>The node's tick: a connection that has sent nothing for a while gives its ring's buffer back; the next frame rents one.</summary>
    private void ParkRingIfIdle(long now)
    {
        long position = _ring.SealedPosition;
        if (position != _idlePosition || !_ring.IsEmpty)
        {
            _idlePosition = position;
            _idleSince = now;
        }
        else if (!_ring.IsParked && now - _idleSince >= RingIdleMilliseconds && _drain.TryAcquire())
        {
            // The writer is this thread now: what was claimed meanwhile keeps the buffer, and is drained.
            _ring.TryPark();
            _tls.Shrink();
            Drain(RecordsPerWrite);
        }
    }

    private void Drain(int recordsLeft)
    {
        while (true)
        {
            if (_ending)
            {
                _link.EndSending(); // The last send of an ended connection has finished.
                ReturnOut();
                return;
            }

            if (State >= ConnectionState.Closing && !MustFlush)
            {
                EndSending();
                return; // The flag is never let go again: nothing is sealed any more.
            }

            byte[] buffer = _out ??= ArrayPool<byte>.Shared.Rent(OutBytes);
            int bytes = Seal(buffer, out int records);
            if (bytes == 0)
            {
                ReturnOut();
                if (!_drain.Release(this))
                {
                    return;
                }

                continue;
            }

            if (!Send(bytes))
            {
                return;
            }

            recordsLeft -= records;
            if (recordsLeft <= 0 && !IsEmpty)
            {
                // Where a loop's thread puts a stream's chunks it seals them, too: between two threads each piece would hop, which costs more than it saves.
                if (!_streamsOut.AnyOpen || LeaderWork.Current is not { } leader || !leader.TryAdd(this))
                {
                    // Not in one batch with other work, which this may hold up for long.
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                }

                return;
            }
        }
    }

    /// <summary>Turns what is there into ciphertext.</summary>
    private int Seal(byte[] buffer, out int records)
    {
        records = 0;
        int bytes = _tls.Take(buffer); // Handshake messages, key updates.
        if (!_tls.IsEstablished)
        {
            return bytes;
        }

        bool consumed = false;
        if (ControlWaits)
        {
            SealControl(); // Never before the hello, which is the first frame of the ring.
        }

        while (records < RecordsPerWrite && buffer.Length - bytes > RecordBytesMax + RecordOverheadBytes)
        {
            ReadOnlySpan<byte> run = _ring.Peek(RecordBytesMax);
            if (run.IsEmpty)
            {
                break;
            }

            TlsStatus status = _tls.Write(run, buffer.AsSpan(bytes), out int sealedBytes);
            bytes += sealedBytes;
            records += (run.Length + RecordBytesMax - 1) / RecordBytesMax;
            _ring.Consume(run.Length);
            consumed = true;
            _helloSealed = true;
            if (status != TlsStatus.Ok)
            {
                Close(CloseReason.TlsFailure, _tls.FailureDetail ?? "sealing failed");
                break;
            }

            bytes += _tls.Take(buffer.AsSpan(bytes));
        }

        bytes += _tls.Take(buffer.AsSpan(bytes));
        if (consumed)
        {
            // Partner: a sender that parked has raised the queue's count before its own last try at the ring.
            Interlocked.MemoryBarrier();
            if (_sendQueue.AnythingWaits)
            {
                PumpQueue(); // What it put there, the loop around this finds.
            }

            if (_streamsOut.AnyReady)
            {
                _streamsOut.PutReady();
            }
        }

        return bytes;
    }

    /// <summary>Seals the control frames that are due as one record.</summary>
    private void SealControl()
    {
        Span<byte> frames = stackalloc byte[3 * FrameHeader.Bytes];
        int bytes = 0;
        bool isCreditWanted = Interlocked.Exchange(ref _creditWanted, 0) != 0 || Volatile.Read(ref _pongWanted) != 0;
        if (Volatile.Read(ref _creditToSend.Value) >= _limits.CreditBatchBytes || (isCreditWanted && Volatile.Read(ref _creditToSend.Value) > 0))
        {
            // A ping also asks for all credit: whoever wants to leave a connection must see its window whole.
            long credit = Interlocked.Exchange(ref _creditToSend.Value, 0);
            Interlocked.Add(ref _creditedBytes, credit); // Partner: the receive loop's check of what the peer may have sent.
            new FrameHeader(FrameKind.Credit, 0, (ulong)credit).Write(frames);
            bytes = FrameHeader.Bytes;
        }

        if (Interlocked.Exchange(ref _pongWanted, 0) != 0)
        {
            new FrameHeader(FrameKind.Ping, 0) { Flags = FrameFlags.Answer }.Write(frames[bytes..]);
            bytes += FrameHeader.Bytes;
        }

        if (Interlocked.Exchange(ref _pingWanted, 0) != 0)
        {
            new FrameHeader(FrameKind.Ping, 0).Write(frames[bytes..]);
            bytes += FrameHeader.Bytes;
        }

        if (bytes != 0)
        {
            _tls.Write(frames[..bytes]);
        }
    }

    /// <summary>Gives the link what was sealed. False: it is busy, and the flag waits for its report.</summary>
    private bool Send(int bytes)
    {
        Node.Metrics.BytesSent.Add(bytes);
        Volatile.Write(ref _send, SendCalled); // Before the send: its report may come before it returns.
        if (_link.Send(_out.AsMemory(0, bytes)))
        {
            Volatile.Write(ref _send, SendNone); // No report follows, and the link's end takes only what is busy.
            return true;
        }

        if (Interlocked.CompareExchange(ref _send, SendBusy, SendCalled) != SendCalled)
        {
            Volatile.Write(ref _send, SendNone); // Reported already: the flag never left this thread.
            return true;
        }

        // Partner: OnClosed, which marks the link closed and then looks for a busy send. One of both sees the other's; if both do, one takes it.
        return Volatile.Read(ref _linkClosed) != 0 && TryTakeSend();
    }

    /// <summary>Ends the wait for a busy link.</summary>
    /// <returns>Whether the flag is the caller's now.</returns>
    private bool TryTakeSend() => Interlocked.CompareExchange(ref _send, SendNone, SendBusy) == SendBusy;

    /// <summary>The holder of the flag ends the sending side, once: goodbye, the TLS end, then nothing more; what waits is told.</summary>
    private void EndSending()
    {
        if (_ending)
        {
            return;
        }

        _ending = true;
        if (Volatile.Read(ref _linkClosed) == 0)
        {
            _out ??= ArrayPool<byte>.Shared.Rent(OutBytes);
            SealGoodbye();
            _tls.Shutdown();
            int bytes = _tls.Take(_out);
            if (bytes == 0 || Send(bytes))
            {
                _link.EndSending();
                ReturnOut();
            }
        }
        else
        {
            ReturnOut();
        }

        FailAllSends();
        EndHalf();
    }

    private void SealGoodbye()
    {
        if (!_tls.IsEstablished || CloseReason is CloseReason.ConnectionLost or CloseReason.TlsFailure or CloseReason.PingTimeout)
        {
            return;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            writer.WriteArrayHeader(2);
            writer.Write((byte)CloseReason);
            writer.WriteString(CloseDetail.Length <= 512 ? CloseDetail : CloseDetail[..512]);
            ReadOnlySpan<byte> payload = scratch.WrittenSpan;
            Span<byte> frame = new byte[Padded(FrameHeader.Bytes + payload.Length)];
            new FrameHeader(FrameKind.Goodbye, payload.Length).Write(frame);
            payload.CopyTo(frame[FrameHeader.Bytes..]);
            _tls.Write(frame);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private void ReturnOut()
    {
        if (_out is { } buffer)
        {
            _out = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
