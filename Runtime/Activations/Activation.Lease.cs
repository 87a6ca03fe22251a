using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Activations;

/// <summary>
/// The authority to run user code: the lease of the node, in the incarnation in which the activation was made, compared with a fresh reading of the clock at each entry. Never a flag that a timer keeps.
/// </summary>
/// <remarks>
/// While the lease has run out everything waits: calls for as long as a lease lasts, then they are refused as not run; what would go on in a turn, ticks of timers and notices of links without bound, since nobody else runs the actor
/// before the node is evicted. When the incarnation is over nothing of it is ever entered again.
/// </remarks>
internal sealed partial class Activation
{
    /// <summary>Whether it waits for the lease. The executor only.</summary>
    private bool _isHeld;

    /// <summary>Whether its code may be entered, and what its turns say may be let out. Any thread; reads the clock.</summary>
    public bool MayEnter => _standing.Life is not { } life || life.MayEnter();

    /// <summary>The same, on a thread that is at hand.</summary>
    public bool MayEnterOn(InlineThread thread) => _standing.Life is not { } life || life.MayEnter(ref thread.Glance);

    /// <summary>Whether waiting has come to an end. Any thread.</summary>
    public bool IsToLook => _standing.Life is not { } life || life.IsOver || life.MayEnter();

    /// <summary>The lease has run out, or the incarnation is over. In the executor, in place of entering.</summary>
    /// <returns>Whether to look again at once.</returns>
    private bool Wait(NodeLife life)
    {
        if (life.IsOver)
        {
            Abandon();
            return true;
        }

        if (Node.Lapse.IsLong)
        {
            TakeCalls();
            RefuseCallsWaiting(new Fault(FaultCode.NotServing, "the lease of its node has run out: it is cut off from a majority of the cluster's stewards"));
        }

        _isHeld = true;
        Node.Lapse.Hold(this);

        // Partner: the look of LeaseLapse, at the lease first and then at who is held; one of both sees the other.
        return life.MayEnter() || life.IsOver;
    }

    /// <summary>Ends it without entering it: what runs in it at this moment may reach its next await, and is not resumed.</summary>
    private void Abandon()
    {
        _state = ActivationState.Ended;
        Node.OnActivationEnded(Id, DeactivationReason.Evicted, null);
        _extras?.StopTimers();
        if (Node.Activations.Beginning.TryRemove(this, out CancellationTokenSource? beginning))
        {
            _ = EndAsync(beginning); // It is not resumed to do so itself.
        }

        _waiting.Append(_intake.CloseCalls());
        RefuseAllWaiting(new Fault(FaultCode.NotServing, "the incarnation of its node is over"));
        Node.Activations.Remove(this);
        for (InboxItem? item = _ready; item is not null; item = item.NextItem)
        {
            Node.CountDroppedContinuation();
        }

        _ready = null;
        DropResumptions();
        _extras?.Overflow?.Admit(long.MaxValue);
        SignalEnd();
        if (_extras is { Scope: { } scope } extras)
        {
            extras.Scope = null;
            _ = DisposeOffTurnAsync(scope);
        }
    }

    private static async Task EndAsync(CancellationTokenSource beginning)
    {
        await beginning.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        beginning.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Nobody waits for it; it is logged.")]
    private async Task DisposeOffTurnAsync(IAsyncDisposable scope)
    {
        await Task.Yield();
        try
        {
            await scope.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Node.LogDeactivationFailed(exception, Id);
        }
    }
}
