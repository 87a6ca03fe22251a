using Kameo.Actors.Errors;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Items;

/// <summary>Whose answer items from another node came with: what they fail with names it.</summary>
/// <param name="Actor">The actor that was asked.</param>
/// <param name="Node">Where it was asked.</param>
internal sealed record ItemsOrigin(ActorId Actor, PeerId? Node)
{
    /// <summary>What the sender said, as the exception that a call with that failure gives; null when the connection or this node broke them off.</summary>
    public Exception? TryMakeFailure(IOException broken) =>
        StreamFaultException.Find(broken) is { Fault: { Code: FaultCode.Exception or FaultCode.BadResult } fault } ? CallFailure.Of(fault, Actor, Node) : null;
}
