using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <summary>The names themselves wait, to measure how long a change takes.</summary>
/// <param name="names">The names.</param>
/// <param name="written">When the change was made, in milliseconds of the node's clock.</param>
internal sealed class ConvergenceSample(ClusterNames names, long written) : VisibleWait
{
    /// <inheritdoc/>
    public override void End(WaitOutcome outcome) => names.OnSampled(written, outcome);
}
