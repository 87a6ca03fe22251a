using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport;

/// <summary>Handles the tells and asks that reach a registered name: one at a time, in the order they were sent by each sender, on the thread pool.</summary>
/// <param name="request">Valid until the returned task completes.</param>
/// <returns>When it completes, an ask that got no <see cref="NameRequest.Reply(ReadOnlySpan{byte})"/> is answered with no bytes. An exception is the answer of an ask; on a tell it is logged.</returns>
public delegate ValueTask NameHandler(NameRequest request);

/// <summary>A tell or ask of bytes that reached a registered name. Pooled: never kept beyond its handler.</summary>
public sealed class NameRequest : InboxItem
{
    private RequestHold _hold;
    private ReadOnlyMemory<byte> _localPayload;
    private Connection? _connection;
    private ulong _correlation;
    private bool _replied;

    internal NameRequest()
    {
    }

    /// <summary>The name it was sent to.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>Who sent it.</summary>
    public PeerId From { get; private set; }

    /// <summary>Whether the sender waits for an answer.</summary>
    public bool IsAsk { get; private set; }

    /// <summary>What was sent; in the receive buffer, valid until the handler completes.</summary>
    public ReadOnlyMemory<byte> Payload => _connection is null ? _localPayload : _hold.Memory;

    internal long Deadline { get; private set; }

    /// <summary>What it came over; null for one of this node.</summary>
    internal Connection? Connection => _connection;

    /// <summary>Whether its caller, on another node, gave it up.</summary>
    internal bool IsCancelled => _connection is { } connection && connection.HasCancelled(_correlation);

    internal NameAsk? LocalAsk { get; private set; }

    /// <summary>The stream that was sent with it; null for none. Valid until the handler completes: what is unread then is given up, and its sender told.</summary>
    public Stream? Stream { get; private set; }

    /// <summary>Answers an ask; the bytes are copied before this returns. Does nothing on a tell.</summary>
    /// <exception cref="InvalidOperationException">It was answered already.</exception>
    public void Reply(ReadOnlySpan<byte> payload)
    {
        if (IsAsk && !_replied && _connection is { } connection)
        {
            _replied = true;
            connection.Reply(_correlation, payload);
        }
        else
        {
            Reply(payload, null);
        }
    }

    /// <summary>Answers an ask with bytes and a stream, which is read to its end and disposed, also when the asker gives it up. On a tell it is only disposed.</summary>
    /// <exception cref="InvalidOperationException">It was answered already.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Reply(ReadOnlySpan<byte> payload, Stream? stream)
    {
        if (!IsAsk)
        {
            stream?.Dispose();
            return;
        }

        if (_replied)
        {
            throw new InvalidOperationException("The ask was answered already.");
        }

        _replied = true;
        if (_connection is null)
        {
            LocalAsk!.CompleteLocally(payload.ToArray(), stream);
        }
        else if (stream is null)
        {
            _connection.Reply(_correlation, payload);
        }
        else
        {
            OutboundStream sent = _connection.MakeStream();
            _connection.Reply(_correlation, payload, [sent]);
            StreamPump.Send(sent, stream);
        }
    }

    /// <summary>Its payload, if that was too large for a frame: it may not be there yet, or fail to come.</summary>
    internal GatheredPayload? Gathered => _hold.Gathered;

    internal static NameRequest Rent() => ExchangePool<NameRequest>.TryRent(out NameRequest? request) ? request : new NameRequest();

    internal void TakeOver(string name, ref InboundRequest inbound)
    {
        Name = name;
        _connection = inbound.Connection;
        From = inbound.Connection.PeerId;
        IsAsk = inbound.IsAsk;
        _correlation = inbound.Header.Correlation;
        Deadline = inbound.Deadline;
        _hold = inbound.Hold;
        inbound.Hold = default;
        Stream = inbound.Streams is [{ } first, ..] ? first : null;
    }

    internal void TakeOver(string name, PeerId self, ReadOnlyMemory<byte> payload, Stream? stream, NameAsk? ask, long deadline)
    {
        Stream = stream;
        Name = name;
        From = self;
        IsAsk = ask is not null;
        LocalAsk = ask;
        Deadline = deadline;
        _localPayload = payload;
    }

    /// <summary>The handler is done, or never began: answers what is unanswered and goes back to the pool.</summary>
    internal void Finish(Fault? fault)
    {
        if (IsAsk && !_replied)
        {
            if (fault is { } known)
            {
                ReplyFault(known);
            }
            else
            {
                Reply(default);
            }
        }

        Stream?.Dispose();
        Stream = null;
        _hold.Release();
        _localPayload = default;
        _connection = null;
        LocalAsk = null;
        _replied = false;
        ExchangePool<NameRequest>.Return(this);
    }

    private void ReplyFault(in Fault fault)
    {
        if (_connection is null)
        {
            LocalAsk!.FailLocally(fault);
        }
        else
        {
            _connection.ReplyFault(_correlation, fault);
        }
    }
}
