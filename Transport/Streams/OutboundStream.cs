using System.Threading.Tasks.Sources;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Streams;

/// <summary>The sending half of a stream: chunks go out against the reader's credit, in turn with the connection's other streams. One write at a time.</summary>
/// <remarks>
/// It belongs to a message, which names it: nothing is sent before that message is in the ring, so the reader always knows what arrives. Its state is guarded by the lock of
/// its <see cref="StreamSender"/>, taken once for each chunk.
/// </remarks>
internal sealed class OutboundStream : Completion, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _source;
    private volatile StreamSender _sender;
    private volatile CancellationTokenSource? _unwanted;
    private long _turnLeft;

    /// <summary>Made by a connection's sending side.</summary>
    internal OutboundStream(StreamSender sender, ulong id)
    {
        _sender = sender;
        Id = id;
    }

    /// <summary>Its number on the connection.</summary>
    public ulong Id { get; private set; }

    /// <summary>The sending side of the connection; another one if its message was passed on before it was sent.</summary>
    internal StreamSender Sender => _sender;

    /// <summary>What is being written and not in the ring yet; the writer keeps it as it is meanwhile.</summary>
    internal ReadOnlyMemory<byte> Pending { get; set; }

    /// <summary>Bytes that may still be sent.</summary>
    internal long Credit { get; set; }

    /// <summary>Bytes sent so far, headers counted.</summary>
    internal long Sent { get; set; }

    /// <summary>Whether a turn of it lasts, and some of it has been credited: see <see cref="StreamPace"/>.</summary>
    internal bool IsTurnCredited => _turnLeft > 0 && _turnLeft < TurnBytes;

    /// <summary>Whether only its window bounds it: what may be under way beside messages was, and no credit came for long, so its reader may give that by larger parts. One that paused shows that by its next small one.</summary>
    internal bool IsUnpaced { get; set; }

    /// <summary>What was under way when its turn began.</summary>
    internal long TurnBytes { get; private set; }

    /// <summary>When that was.</summary>
    internal long TurnBegan { get; private set; }

    /// <summary>Whether its message is in the ring.</summary>
    internal bool IsStarted { get; set; }

    /// <summary>Whether it carries a message's payload: its reader gathers it at once, so one that stands still is given up.</summary>
    internal bool IsPayload { get; set; }

    /// <summary>When it last moved, on the node's clock.</summary>
    internal long LastProgress { get; set; }

    /// <summary>When its reader last gave credit, on the node's clock; 0 before. No progress by itself: a reader could hold a payload for ever by giving little at a time.</summary>
    internal long LastCredit { get; set; }

    /// <summary>Whether it is queued for its turn.</summary>
    internal bool IsReady { get; set; }

    /// <summary>Whether its end was asked for, or it failed.</summary>
    internal bool IsOver { get; set; }

    /// <summary>What its end says: for whoever puts it, if that was asked for before its message was in the ring.</summary>
    internal Fault? EndFault { get; set; }

    /// <summary>Why it failed.</summary>
    internal Exception? Failure
    {
        get;
        set
        {
            field = value;
            Interlocked.MemoryBarrier(); // Partner: Unwanted, which makes the source and then looks for a failure.
            _ = _unwanted?.CancelAsync();
        }
    }

    /// <summary>Fires when it has failed: nobody will read what its source still produces. Asked for by the one who reads the source.</summary>
    public CancellationToken Unwanted
    {
        get
        {
            if (_unwanted is null)
            {
                _unwanted = new CancellationTokenSource();
                Interlocked.MemoryBarrier();
                if (Failure is not null)
                {
                    _unwanted.Cancel();
                }
            }

            return _unwanted.Token;
        }
    }

    /// <summary>The next one in the queue for a turn.</summary>
    internal OutboundStream? NextReady { get; set; }

    /// <summary>Sends bytes; completes when all of them are in the ring and the memory may be used again.</summary>
    /// <exception cref="IOException">The reader does not want it any more, or the connection ended.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => _sender.Write(this, bytes);

    /// <summary>Ends it, whole or with the reason why not. Nothing after that counts.</summary>
    public void End(Fault? fault = null) => _sender.End(this, fault);

    /// <summary>Ends it although it is not whole, and stops its source: a write that is under way fails. Does nothing when it has ended.</summary>
    public void Abandon(in Fault why) => _sender.Abandon(this, why);

    /// <summary>A turn begins.</summary>
    internal void BeginTurn(long bytes, long now)
    {
        TurnBytes = bytes;
        TurnBegan = now;
        _turnLeft = bytes;
    }

    /// <summary>Its reader gave credit.</summary>
    /// <returns>Whether that ends a turn.</returns>
    internal bool EndsTurn(uint credit)
    {
        bool wasInTurn = _turnLeft > 0;
        _turnLeft -= credit;
        return wasInTurn && _turnLeft <= 0;
    }

    /// <summary>Its message goes over another connection; under the locks of both.</summary>
    internal void MoveTo(StreamSender sender, ulong id)
    {
        _sender = sender;
        Id = id;
    }

    internal ValueTask BeginWrite(ReadOnlyMemory<byte> bytes)
    {
        _source.Reset();
        Pending = bytes;
        return new ValueTask(this, _source.Version);
    }

    /// <inheritdoc/>
    internal override void Complete()
    {
        if (Failure is { } failure)
        {
            _source.SetException(failure);
        }
        else
        {
            _source.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
