using System.Threading.Tasks.Sources;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport;

/// <summary>An ask of bytes: pooled, awaited at most once. Its continuation runs on the thread pool.</summary>
internal sealed class NameAsk : PendingAsk, IValueTaskSource<NameReply>
{
    private ManualResetValueTaskSourceCore<NameReply> _source;
    private CancellationTokenRegistration _cancellation;
    private TransportNode? _node;
    private Connection? _connection;
    private CancellationToken _token;
    private Stream? _localStream;

    /// <summary>The awaitable.</summary>
    public ValueTask<NameReply> Task => new(this, _source.Version);

    /// <summary>Takes an ask from the pool.</summary>
    public static NameAsk Rent(TransportNode node)
    {
        NameAsk ask = ExchangePool<NameAsk>.TryRent(out NameAsk? pooled) ? pooled : new NameAsk();
        ask._node = node;
        return ask;
    }

    /// <summary>Makes the caller's token cancel it. Called after it was sent.</summary>
    public void CancelWith(CancellationToken token, Connection connection)
    {
        _token = token;
        _connection = connection;
        _cancellation = token.UnsafeRegister(static ask => ((NameAsk)ask!)._connection!.CancelAsk((NameAsk)ask), this);
    }

    /// <summary>Answers it on this node.</summary>
    public void CompleteLocally(ReadOnlyMemory<byte> payload, Stream? stream)
    {
        Reply = new ReplyHold(payload);
        _localStream = stream;
        End = AskEnd.Replied;
        _node!.Post(this);
    }

    /// <summary>Fails it on this node.</summary>
    public void FailLocally(in Fault fault)
    {
        var scratch = new ScratchBuffer(0, 64 * 1024);
        var writer = new MessagePackWriter(scratch);
        fault.Encode(ref writer);
        Reply = new ReplyHold(scratch.WrittenSpan.ToArray());
        End = AskEnd.Faulted;
        _node!.Post(this);
    }

    /// <inheritdoc/>
    internal override void Complete()
    {
        switch (End)
        {
            case AskEnd.Replied:
                _source.SetResult(new NameReply(Reply, _localStream ?? Streams?[0]));
                break;
            case AskEnd.Faulted:
                Exception exception = ReadFault();
                Reply.Release();
                _source.SetException(exception);
                break;
            case AskEnd.Cancelled or AskEnd.CancelledUnsent:
                _source.SetException(new OperationCanceledException(_token));
                break;
            default:
                _source.SetException(new TransportException(End, EndReason, $"The ask failed: {EndDetail}."));
                break;
        }
    }

    NameReply IValueTaskSource<NameReply>.GetResult(short token)
    {
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            // Waits for a callback that is running: after this nobody else knows the object.
            _cancellation.Dispose();
            Recycle();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<NameReply>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<NameReply>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private Exception ReadFault()
    {
        try
        {
            var reader = new MessagePackReader(Reply.Payload.Span);
            return new RemoteFaultException(Fault.Decode(ref reader));
        }
        catch (MessagePackException exception)
        {
            return new TransportException(CloseReason.None, "The ask failed, and the fault that says why is malformed.", exception);
        }
    }

    private void Recycle()
    {
        _source.Reset();
        _cancellation = default;
        _connection = null;
        _token = default;
        _localStream = null;
        ResetAsk();
        ExchangePool<NameAsk>.Return(this);
    }
}
