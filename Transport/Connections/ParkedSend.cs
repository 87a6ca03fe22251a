using System.Threading.Tasks.Sources;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Connections;

/// <summary>A frame that waits because the window, the ring or the pending table was full. Holds a copy of the frame's bytes. Pooled: with full windows this is a usual path.</summary>
/// <remarks>
/// Whoever takes it out of its queue decides its end. One of an ask or a reply is <see cref="Drop"/>ped then; one of a tell goes to a completion batch, and back to the
/// pool when its sender has taken the outcome.
/// </remarks>
internal sealed class ParkedSend : Completion, IValueTaskSource
{
    /// <summary>A buffer up to this size stays with the pooled object; a longer one is left to the garbage collector.</summary>
    private const int KeptBytesMax = 1024;

    /// <summary>The smallest buffer.</summary>
    private const int BufferBytesMin = 256;

    /// <summary>About what the object and its buffer's header take.</summary>
    private const int ObjectBytes = 256;

    private ManualResetValueTaskSourceCore<bool> _source;
    private byte[] _buffer = [];
    private int _headBytes;
    private int _extensionBytes;
    private TransportException? _failure;

    private ParkedSend()
    {
    }

    /// <summary>The frame's exact bytes.</summary>
    public int FrameBytes { get; private set; }

    /// <summary>What it holds while it waits, itself included.</summary>
    public int HeldBytes => Math.Max(FrameBytes, BufferBytesMin) + ObjectBytes;

    /// <summary>The frame.</summary>
    public Span<byte> Frame => _buffer.AsSpan(0, FrameBytes);

    /// <summary>The ask it carries; null for a tell or a reply.</summary>
    public PendingAsk? Ask { get; private set; }

    /// <summary>Whether somebody awaits that it gets into the ring.</summary>
    public bool IsTell { get; private set; }

    /// <summary>Where it goes, for order per target; null for replies.</summary>
    public OutboundTarget? Target { get; private set; }

    /// <summary>The number its frame has for the target; 0 when the id travels inline.</summary>
    public uint TargetNumber => FrameHeader.Read(Frame).Target;

    /// <summary>The method it names; null for none.</summary>
    public OutboundMethod? Method { get; private set; }

    /// <summary>The streams that go with it; null for none.</summary>
    public OutboundStream[]? Streams { get; set; }

    /// <summary>The extensions of the layer above.</summary>
    public ReadOnlySpan<byte> Extensions => Frame[(_headBytes - _extensionBytes).._headBytes];

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Payload => Frame[_headBytes..];

    /// <summary>Whether it may use the kept quarter of the window.</summary>
    public bool InsideTurn { get; private set; }

    /// <summary>Who made it, as the layer above named itself; null for nobody.</summary>
    public object? Sender { get; private set; }

    /// <summary>Whether it only keeps its place among the requests, and needs no window.</summary>
    public bool IsOrdered { get; private set; }

    /// <summary>How much of the payload of a message that goes in parts is in the ring.</summary>
    public int PartBytes { get; set; }

    /// <summary>When it gives up, on the node's clock.</summary>
    public long DeadlineMilliseconds { get; private set; }

    /// <summary>What a tell awaits.</summary>
    public ValueTask Completion => new(this, _source.Version);

    /// <summary>The lane it waits in, and its neighbours there; the queue's, under its lock.</summary>
    internal ParkedLane? Lane { get; set; }

    /// <inheritdoc cref="Lane"/>
    internal ParkedSend? Previous { get; set; }

    /// <inheritdoc cref="Lane"/>
    internal ParkedSend? Next { get; set; }

    /// <summary>A frame that needs no window: a reply, or one of the transport's own.</summary>
    public static ParkedSend Rent(scoped ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        ParkedSend parked = ExchangePool<ParkedSend>.TryRent(out ParkedSend? pooled) ? pooled : new ParkedSend();
        parked._headBytes = head.Length;
        parked.FrameBytes = head.Length + payload.Length;
        if (parked._buffer.Length < parked.FrameBytes)
        {
            parked._buffer = new byte[Math.Max(BufferBytesMin, parked.FrameBytes)];
        }

        head.CopyTo(parked._buffer);
        payload.CopyTo(parked._buffer.AsSpan(head.Length));
        return parked;
    }

    /// <summary>A request.</summary>
    public static ParkedSend Rent(PendingAsk? ask, OutboundTarget target, OutboundMethod? method, in RequestOptions options, scoped ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        ParkedSend parked = Rent(head, payload);
        parked.Ask = ask;
        parked.IsTell = ask is null;
        parked.Target = target;
        parked.Method = method;
        parked.Streams = options.Streams;
        parked._extensionBytes = options.Extensions.Length;
        parked.InsideTurn = options.InsideTurn;
        parked.Sender = options.Sender;
        parked.DeadlineMilliseconds = options.DeadlineMilliseconds;
        return parked;
    }

    /// <summary>A message that waits in line with the requests. Nobody awaits it.</summary>
    public static ParkedSend RentOrdered(OutboundTarget line, scoped ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        ParkedSend parked = Rent(head, payload);
        parked.Target = line;
        parked.DeadlineMilliseconds = long.MaxValue;
        parked.IsOrdered = true;
        return parked;
    }

    /// <summary>Its frame is in the ring, or will never be and whoever waits for it has been told: back to the pool. Not for tells.</summary>
    public void Drop()
    {
        FrameBytes = 0;
        Ask = null;
        IsTell = false;
        Target = null;
        Method = null;
        Streams = null;
        Sender = null;
        IsOrdered = false;
        PartBytes = 0;
        _extensionBytes = 0;
        _failure = null;
        if (_buffer.Length > KeptBytesMax)
        {
            _buffer = [];
        }

        ExchangePool<ParkedSend>.Return(this);
    }

    /// <summary>The tell will never be sent: its completion says so.</summary>
    public ParkedSend FailWith(TransportException reason)
    {
        _failure = reason;
        return this;
    }

    /// <inheritdoc/>
    internal override void Complete()
    {
        if (_failure is { } failure)
        {
            _source.SetException(failure);
        }
        else
        {
            _source.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            Drop();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
