using System.Text;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Names;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport;

/// <summary>A name registered on some node, found by a look-up: what tells and asks of bytes go to. Thread safe; stays bound to that node.</summary>
public sealed class RemoteName
{
    private readonly TransportNode _node;
    private readonly OutboundTarget _target;
    private Peer? _peer;
    private Peer? _through;

    internal RemoteName(TransportNode node, PeerId owner, string name, ReadOnlyMemory<byte> metadata, PeerId? through = null)
    {
        Through = through;
        _node = node;
        Owner = owner;
        Name = name;
        Metadata = metadata;
        _target = new OutboundTarget([IdSpace.Name, .. Encoding.UTF8.GetBytes(name)]);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The node that answers under it.</summary>
    public PeerId Owner { get; }

    /// <summary>The member through which its owner registered it, when that is a client: it passes requests on where this node has no connection to the client. Null for a member's name.</summary>
    public PeerId? Through { get; }

    /// <summary>What its registration says of it.</summary>
    public ReadOnlyMemory<byte> Metadata { get; }

    /// <summary>Sends bytes and waits for the answer.</summary>
    /// <param name="payload">Copied before this returns.</param>
    /// <param name="timeout">Default: the node's.</param>
    /// <param name="cancellation">Gives the ask up; the other side is told.</param>
    /// <returns>The answer; await it at most once, and dispose it. The continuation runs on the thread pool.</returns>
    /// <exception cref="TransportException">It was not answered; <see cref="TransportException.MayHaveRun"/> says whether it may have been handled.</exception>
    /// <exception cref="RemoteFaultException">The handler threw, or there is none.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public ValueTask<NameReply> AskAsync(ReadOnlyMemory<byte> payload, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        AskAsync(payload, null, timeout, cancellation);

    /// <summary>Sends bytes and a stream, and waits for the answer, which may have a stream of its own.</summary>
    /// <param name="payload">Copied before this returns. What does not fit a frame travels as a stream, up to <see cref="TransportLimits.PayloadBytesMax"/> of the receiver.</param>
    /// <param name="stream">Of any length: read on the thread pool as the receiver takes it, and disposed. Null for none.</param>
    /// <param name="timeout">For the whole, the stream included. Default: the node's.</param>
    /// <param name="cancellation">Gives the ask up; the other side is told.</param>
    /// <inheritdoc cref="AskAsync(ReadOnlyMemory{byte}, TimeSpan?, CancellationToken)"/>
    public ValueTask<NameReply> AskAsync(ReadOnlyMemory<byte> payload, Stream? stream, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<NameReply>(cancellation);
        }

        long deadline = _node.Clock.After(timeout ?? _node.AskTimeout);
        NameAsk ask = NameAsk.Rent(_node);
        ValueTask<NameReply> task = ask.Task;
        if (Owner == _node.Id)
        {
            SendLocally(payload, stream, ask, deadline);
            return task;
        }

        if (FindConnection() is not { } connection)
        {
            ask.End = AskEnd.NotSent;
            ask.EndDetail = NotConnected();
            ask.EndReason = CloseReason.Unreachable;
            stream?.Dispose();
            _node.Post(ask);
            return task;
        }

        if (stream is null)
        {
            connection.Ask(ask, _target, null, new RequestOptions(deadline), payload.Span);
        }
        else
        {
            OutboundStream sent = connection.MakeStream();
            connection.Ask(ask, _target, null, new RequestOptions(deadline) { Streams = [sent] }, payload.Span);
            StreamPump.Send(sent, stream);
        }

        if (cancellation.CanBeCanceled)
        {
            ask.CancelWith(cancellation, connection);
        }

        return task;
    }

    /// <summary>Sends bytes without waiting for an answer.</summary>
    /// <param name="payload">Copied before this returns.</param>
    /// <returns>Completes when the send ring has it; from there it is handled at most once, or lost with its connection.</returns>
    /// <exception cref="TransportException">It was not sent.</exception>
    public ValueTask TellAsync(ReadOnlyMemory<byte> payload)
    {
        long deadline = _node.Clock.After(_node.TellTimeout);
        if (Owner == _node.Id)
        {
            SendLocally(payload, null, null, long.MaxValue);
            return ValueTask.CompletedTask;
        }

        return FindConnection() is { } connection
            ? connection.Tell(_target, null, new RequestOptions(deadline), payload.Span)
            : ValueTask.FromException(new TransportException(AskEnd.NotSent, CloseReason.Unreachable, NotConnected()));
    }

    /// <summary>The name and its owner.</summary>
    public override string ToString() => $"{Name}@{Owner.ToShortString()}";

    private void SendLocally(ReadOnlyMemory<byte> payload, Stream? stream, NameAsk? ask, long deadline)
    {
        NameSlot slot = _node.Names.Router.Find(Name) ?? new NameSlot(Name, _node); // One of its own refuses it.
        NameRequest request = NameRequest.Rent();
        request.TakeOver(Name, _node.Id, payload.ToArray(), stream, ask, deadline);
        slot.Enqueue(request);
        slot.Schedule();
    }

    // A peer object says what holds now for as long as the node lives: once found it is kept.
    private Connection? FindConnection() =>
        (_peer ??= _node.FindPeer(Owner))?.Connection is { } connection ? connection
        : Through is { } member ? (_through ??= _node.FindPeer(member))?.Connection
        : null;

    private string NotConnected() => $"not connected to {Owner.ToShortString()}, which registered '{Name}'";
}
