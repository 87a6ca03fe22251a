using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Requests;

/// <summary>Who understands the ids of one <see cref="IdSpace"/>. All members are called on a receive loop: they never block, never run user code, never throw.</summary>
internal abstract class RequestRouter
{
    /// <summary>Finds or makes the object that stands for a target id; kept by the connection under the id's number for as long as it lives.</summary>
    /// <returns>Null when there is no such target: the request gets a <see cref="FaultCode.NoSuchTarget"/>. A null is not kept.</returns>
    public abstract object? ResolveTarget(Connection from, ReadOnlySpan<byte> id);

    /// <summary>Finds the object that stands for a method id. Unknown or mismatched ones still give an object if the router wants to answer with a precise fault.</summary>
    public abstract object? ResolveMethod(Connection from, ReadOnlySpan<byte> id);

    /// <summary>Hop 7: takes the request over: its hold must be released exactly once, an ask answered exactly once through its connection.</summary>
    public abstract void Dispatch(ref InboundRequest request);

    /// <summary>The last frame of a received chunk has been dispatched: work made ready by it may be handed to the thread pool now.</summary>
    public abstract void EndBatch(Connection from);

    /// <summary>The caller of an ask no longer waits (cancel frame, or its connection ended).</summary>
    public abstract void Cancel(Connection from, ulong correlation);
}
