using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Deadlocks;

/// <summary>Sends what nodes say to each other about turns that wait: tells that may be lost, since whoever looks looks again.</summary>
internal static class DeadlockTells
{
    private static readonly TimeSpan s_sendTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Sends a message; never throws for a connection's sake.</summary>
    public static void Send<TMessage>(ActorNode node, Connection connection, OutboundTarget target, in TMessage message)
        where TMessage : struct, IDeadlockMessage
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            message.Encode(ref writer);
            ValueTask sent = connection.Tell(target, null, new RequestOptions(node.Clock.After(s_sendTimeout)) { InsideTurn = true }, scratch.WrittenSpan);
            if (!sent.IsCompletedSuccessfully)
            {
                _ = DropIfLostAsync(sent);
            }
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private static async Task DropIfLostAsync(ValueTask sent)
    {
        try
        {
            await sent.ConfigureAwait(false);
        }
        catch (TransportException)
        {
            // It is tried again.
        }
    }
}
