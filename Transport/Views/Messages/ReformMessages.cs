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
/// <param name="IsOut">Whether it is no member of it any more.</param>
internal sealed record ReformAnswer(ClusterId Halted, bool MayReform, bool IsOut) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}

/// <summary>
/// A halted cluster is about to be re-formed by the sender: members of the old one end it for themselves and go on as new incarnations. Only when all of them have done so the new one is founded, so that
/// the old one cannot come back to life beside it.
/// </summary>
/// <param name="Halted">The old one.</param>
/// <param name="KnownEpoch">The newest epoch that the sender knows of it.</param>
/// <param name="IsOrder">Whether an operator ordered it, so that nobody is asked.</param>
internal sealed record Abandon(ClusterId Halted, long KnownEpoch, bool IsOrder) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}
