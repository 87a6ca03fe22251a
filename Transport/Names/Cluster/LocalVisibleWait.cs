using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <summary>A caller on this node waits.</summary>
internal sealed class LocalVisibleWait : VisibleWait
{
    private readonly TaskCompletionSource<WaitOutcome> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with how it ended; its continuation runs on the thread pool.</summary>
    public Task<WaitOutcome> Task => _source.Task;

    /// <inheritdoc/>
    public override void End(WaitOutcome outcome) => _source.TrySetResult(outcome);
}
