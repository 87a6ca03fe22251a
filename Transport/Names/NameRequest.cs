using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport;

/// <summary>Handles the tells and asks that reach a registered name: one at a time, in the order they were sent by each sender, on the thread pool.</summary>
/// <param name="request">Valid until the returned task completes.</param>
/// <returns>When it completes, an ask that got no <see cref="NameRequest.Reply"/> is answered with no bytes. An exception is the answer of an ask; on a tell it is logged.</returns>
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

    internal NameAsk? LocalAsk { get; private set; }

    /// <summary>Answers an ask; the bytes are copied before this returns. Does nothing on a tell.</summary>
    /// <exception cref="InvalidOperationException">It was answered already.</exception>
    public void Reply(ReadOnlySpan<byte> payload)
    {
        if (!IsAsk)
        {
            return;
        }

        if (_replied)
        {
            throw new InvalidOperationException("The ask was answered already.");
        }

        _replied = true;
        if (_connection is null)
        {
            LocalAsk!.CompleteLocally(payload.ToArray());
        }
        else
        {
            _connection.Reply(_correlation, payload);
        }
    }

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
    }

    internal void TakeOver(string name, PeerId self, ReadOnlyMemory<byte> payload, NameAsk? ask, long deadline)
    {
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
