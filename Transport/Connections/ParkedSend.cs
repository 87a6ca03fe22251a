using System.Buffers;
using System.Threading.Tasks.Sources;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>A frame that waits because the window, the ring or the pending table was full. Owns a copy of the frame's bytes. The slow path: it may allocate.</summary>
internal sealed class ParkedSend : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private readonly int _headBytes;
    private byte[]? _buffer;

    /// <summary>Copies the frame.</summary>
    public ParkedSend(scoped ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        _headBytes = head.Length;
        FrameBytes = head.Length + payload.Length;
        _buffer = ArrayPool<byte>.Shared.Rent(FrameBytes);
        head.CopyTo(_buffer);
        payload.CopyTo(_buffer.AsSpan(head.Length));
    }

    /// <summary>The frame's exact bytes.</summary>
    public int FrameBytes { get; }

    /// <summary>The frame.</summary>
    public Span<byte> Frame => _buffer.AsSpan(0, FrameBytes);

    /// <summary>The ask it carries; null for a tell or a reply.</summary>
    public PendingAsk? Ask { get; init; }

    /// <summary>Whether somebody awaits that it gets into the ring.</summary>
    public bool IsTell { get; init; }

    /// <summary>Where it goes, for order per target; null for replies.</summary>
    public OutboundTarget? Target { get; init; }

    /// <summary>The method it names; null for none.</summary>
    public OutboundMethod? Method { get; init; }

    /// <summary>How many bytes at the end of its header are extensions of the layer above.</summary>
    public int ExtensionBytes { get; init; }

    /// <summary>The extensions of the layer above.</summary>
    public ReadOnlySpan<byte> Extensions => Frame[(_headBytes - ExtensionBytes).._headBytes];

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Payload => Frame[_headBytes..];

    /// <summary>Whether it may use the kept quarter of the window.</summary>
    public bool InsideTurn { get; init; }

    /// <summary>When it gives up, on the node's clock.</summary>
    public long DeadlineMilliseconds { get; init; }

    /// <summary>What a tell awaits.</summary>
    public ValueTask Completion => new(this, _source.Version);

    /// <summary>It is in the ring: gives the buffer back and completes a tell on the pool.</summary>
    public void Complete()
    {
        ReturnBuffer();
        if (IsTell)
        {
            _source.SetResult(true);
        }
    }

    /// <summary>It will never be sent: the tell fails; an ask is failed by whoever calls this.</summary>
    public void Fail(TransportException reason)
    {
        ReturnBuffer();
        if (IsTell)
        {
            _source.SetException(reason);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void ReturnBuffer()
    {
        byte[]? buffer = Interlocked.Exchange(ref _buffer, null);
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
