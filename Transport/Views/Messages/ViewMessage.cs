namespace Kameo.Actors.Transport.Views.Messages;

/// <summary>What one node tells another about views. The cases are the records of this folder; bodies are immutable and may be sent to several.</summary>
internal abstract record ViewMessage
{
    /// <summary>Whether it is understood before both are of one cluster: finding, founding, joining, re-forming.</summary>
    public virtual bool IsForeign => false;
}

/// <summary>A message with who sends it to whom.</summary>
/// <param name="Cluster">The sender's cluster; none while it is fresh.</param>
/// <param name="Epoch">The newest epoch that the sender installed.</param>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver, in the incarnation that is meant.</param>
/// <param name="Message">The message.</param>
internal sealed record Envelope(ClusterId Cluster, long Epoch, MemberId From, MemberId To, ViewMessage Message);
