using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Deadlocks;

/// <summary>Takes the probes and the <see cref="ChainQuestions"/> of other nodes, <see cref="IdSpace.Deadlock"/>. On receive loops: has an activation looked at, or looks.</summary>
/// <remarks>A probe names an ask of the node that it comes from, on the connection that it comes over: no node can have another's ask withdrawn that does not wait for its own turns.</remarks>
/// <param name="node">The node.</param>
internal sealed class DeadlockRouter(ActorNode node) : RequestRouter
{
    /// <summary>What follows the space in the id that probes go to.</summary>
    public const byte Probes = 0;

    /// <summary>The same of questions about call chains.</summary>
    public const byte Chains = 1;

    /// <inheritdoc/>
    public override object? ResolveTarget(Connection from, ReadOnlySpan<byte> id) => id is [_, Chains] ? node.Chains : node.Deadlocks;

    /// <inheritdoc/>
    public override object? ResolveMethod(Connection from, ReadOnlySpan<byte> id) => null;

    /// <inheritdoc/>
    public override void Dispatch(ref InboundRequest request)
    {
        Fault? refused = null;
        try
        {
            if (request.Hold.Gathered is null)
            {
                var reader = new MessagePackReader(request.Hold.Payload);
                if (ReferenceEquals(request.Target, node.Chains))
                {
                    node.Chains.Receive(request.Connection, ChainMessage.Decode(ref reader));
                }
                else
                {
                    node.Deadlocks.Receive(request.Connection, DeadlockMessage.Decode(ref reader));
                }
            }
        }
        catch (MessagePackException exception)
        {
            refused = new Fault(FaultCode.BadArguments, exception.Message);
        }

        request.Hold.Release();
        if (request.IsAsk)
        {
            request.Connection.ReplyFault(request.Header.Correlation, refused ?? new Fault(FaultCode.NoSuchMethod, "a probe is not answered"));
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
        // Nothing waits.
    }
}
