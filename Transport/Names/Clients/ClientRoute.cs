using System.Text;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>Where requests for a name go that a client registered through this member: over its connection, in the order they came. At most once: what is lost on the way is not sent again.</summary>
/// <param name="client">The client.</param>
/// <param name="name">The name.</param>
internal sealed class ClientRoute(Peer client, string name)
{
    private readonly OutboundTarget _target = new([IdSpace.Name, .. Encoding.UTF8.GetBytes(name)]);

    /// <summary>Passes a request on, with what is left of its time. On its receive loop.</summary>
    public void PassOn(TransportNode node, ref InboundRequest request)
    {
        Fault? refusal = request.Header.HopsLeft == 0 ? new Fault(FaultCode.TooManyHops, "it was passed on too often")
            : client.Connection is null ? new Fault(FaultCode.NotServing, $"the client {client} that has the name '{name}' is not connected")
            : null;
        if (refusal is { } fault)
        {
            Refuse(node, ref request, fault);
            return;
        }

        var forward = new ForwardedRequest(node.Metrics.CountLostTell, request.Connection, client.Connection!, _target, null)
        {
            Correlation = request.IsAsk ? request.Header.Correlation : null,
            Deadline = request.Deadline,
            HopsLeft = (byte)(request.Header.HopsLeft - 1),
            Streams = request.Streams,
            Hold = request.Hold,
        };
        request.Hold = default;
        forward.Send();
    }

    private static void Refuse(TransportNode node, ref InboundRequest request, in Fault fault)
    {
        node.Metrics.CountRefused(fault.Code, request.IsAsk, request.Connection);
        if (request.IsAsk)
        {
            request.Connection.ReplyFault(request.Header.Correlation, fault);
        }

        foreach (Streams.InboundStream stream in request.Streams ?? [])
        {
            stream.Dispose();
        }

        request.Hold.Release();
        request.Hold = default;
    }
}
