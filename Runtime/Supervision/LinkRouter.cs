using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Supervision;

/// <summary>Takes what other nodes say of links, <see cref="IdSpace.ActorLink"/>. On receive loops: notes it, or puts a notice into a mailbox.</summary>
/// <remarks>A node speaks only for its own actors: an end of a link is found by the node it was made with, which is the one that proved its identity on the connection.</remarks>
/// <param name="node">The node.</param>
internal sealed class LinkRouter(ActorNode node) : RequestRouter
{
    /// <inheritdoc/>
    public override object? ResolveTarget(Connection from, ReadOnlySpan<byte> id) => this;

    /// <inheritdoc/>
    public override object? ResolveMethod(Connection from, ReadOnlySpan<byte> id) => null;

    /// <inheritdoc/>
    public override void Dispatch(ref InboundRequest request)
    {
        Fault? refused;
        try
        {
            // One that does not fit a frame is none of ours.
            refused = request.Hold.Gathered is null ? Handle(request.Connection, Read(request.Hold.Payload)) : new Fault(FaultCode.BadArguments, "it is too long");
        }
        catch (MessagePackException exception)
        {
            refused = new Fault(FaultCode.BadArguments, exception.Message);
        }

        request.Hold.Release();
        if (!request.IsAsk)
        {
            return;
        }

        if (refused is { } fault)
        {
            request.Connection.ReplyFault(request.Header.Correlation, fault);
        }
        else
        {
            request.Connection.Reply(request.Header.Correlation, default);
        }
    }

    /// <inheritdoc/>
    public override void EndBatch(Connection from)
    {
        // Everything was done as it came.
    }

    /// <inheritdoc/>
    public override void Cancel(Connection from, ulong correlation)
    {
        // It was done as it came.
    }

    private static LinkMessage Read(ReadOnlySpan<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        return LinkMessage.Decode(ref reader);
    }

    private Fault? Handle(Connection from, in LinkMessage message)
    {
        switch (message.Kind)
        {
            case LinkMessageKind.Link:
                return node.Links.Accept(message, node.Transport.PeerOf(from.PeerId));
            case LinkMessageKind.Unlink:
                node.Links.Forget(message, from.PeerId);
                return null;
            default:
                node.Links.Deliver(message, from.PeerId);
                return null;
        }
    }
}
