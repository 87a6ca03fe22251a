using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>A client waits; the answer to its ask is how that ended.</summary>
internal sealed class ClientVisibleWait(ClusterNames names, ClientState client, Connection from, ulong correlation, ulong version) : VisibleWait
{
    /// <inheritdoc/>
    public override void End(WaitOutcome outcome)
    {
        names.OnClientWaitEnded(client);
        try
        {
            NameOrderRouter.Answer(from, correlation, new NameOrderAnswer(
                outcome switch
                {
                    WaitOutcome.Visible => NameOrderOutcome.Done,
                    WaitOutcome.DeadlinePassed => NameOrderOutcome.NotVisible,
                    _ => NameOrderOutcome.NotServing,
                },
                version));
        }
        catch (Exception exception)
        {
            // A bug, met on this connection: what else is to be delivered goes on.
            from.Node.LogInternalError(exception, from);
            from.Close(CloseReason.InternalError, exception.Message);
        }
    }
}
