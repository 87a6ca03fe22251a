namespace Kameo.Actors.Transport.Views.Messages;

/// <summary>Asks whether a halted cluster may be re-formed.</summary>
/// <param name="Halted">The cluster.</param>
/// <param name="KnownEpoch">The newest epoch that the asker knows of it.</param>
internal sealed record ReformAsk(ClusterId Halted, long KnownEpoch) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}

/// <summary>Answers a <see cref="ReformAsk"/>: the envelope says the sender's cluster and epoch.</summary>
/// <param name="Halted">The cluster that was asked about.</param>
/// <param name="MayReform">Whether the sender knows no leader of it, holds no lease in it and knows no newer cluster.</param>
internal sealed record ReformAnswer(ClusterId Halted, bool MayReform) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}

/// <summary>A halted cluster is being re-formed by the sender: members of the old one stop, and join the new one as new incarnations.</summary>
/// <param name="Halted">The old one.</param>
internal sealed record Reformed(ClusterId Halted) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}
