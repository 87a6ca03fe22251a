using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport;

/// <summary>A node's part in its cluster: what it knows of it, and what an operator may order. Thread safe.</summary>
public sealed class NodeMembership
{
    private readonly ControlPlane _control;
    private int _hasLeft;

    internal NodeMembership(ControlPlane control) => _control = control;

    /// <summary>Whether this node may run actors now: it is a member and its lease has not ended. Reads the clock. Always false on a client.</summary>
    public bool IsServing => _control.Life.MayEnter();

    /// <summary>The epoch of the newest view installed; 0 before the first.</summary>
    public long Epoch => _control.View.Epoch;

    /// <summary>How many members that view has.</summary>
    public int MemberCount => _control.View.Members.Count;

    /// <summary>The leader of the stewards as far as this node knows; on a client the member that it follows. A glance, as the next three.</summary>
    internal PeerId? Leader => _control.Leader;

    /// <summary>How long the lease lasts, negative when it has ended; null for none.</summary>
    internal double? LeaseSeconds => _control.Life.LeaseEnd is var end && end > ViewTiming.LongAgo ? (end - _control.Loop.Now).TotalSeconds : null;

    /// <summary>Whether a majority of the stewards has been missing for long.</summary>
    internal bool IsHalted => _control is MemberShell { IsHalted: true };

    /// <summary>Members that are suspected.</summary>
    internal int Suspects => (_control as MemberShell)?.Suspects ?? 0;

    internal View View => _control.View;

    internal NodeLife Life => _control.Life;

    /// <summary>What is known now, asked of the control thread.</summary>
    /// <exception cref="ObjectDisposedException">The node was stopped.</exception>
    public Task<MembershipStatus> GetStatusAsync(CancellationToken cancellation = default)
    {
        var made = new TaskCompletionSource<MembershipStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        _control.Loop.Post(
            () =>
            {
                try
                {
                    made.TrySetResult(MembershipStatus.Of(_control));
                }
                catch (Exception exception)
                {
                    made.TrySetException(exception);
                }
            },
            () => made.TrySetException(Stopped()));
        return made.Task.WaitAsync(cancellation);
    }

    /// <summary>Waits until the view fulfils a condition, which is looked at every ten milliseconds.</summary>
    /// <param name="condition">What the status must be like.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    /// <exception cref="ObjectDisposedException">The node was stopped.</exception>
    public async Task<MembershipStatus> WaitForAsync(Func<MembershipStatus, bool> condition, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), _control.Loop.Clock.Provider);
        while (true)
        {
            MembershipStatus status = await GetStatusAsync(cancellation).ConfigureAwait(false);
            if (condition(status))
            {
                return status;
            }

            await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Removes a member from the cluster, alive or not. If it lives it joins again, as a new incarnation.</summary>
    /// <param name="member">Whom. Who is no member is passed over.</param>
    /// <returns>Completes when this node has begun to ask for it, before the cluster has agreed: <see cref="WaitForAsync"/> waits for the view without it.</returns>
    /// <exception cref="InvalidOperationException">This node is a client.</exception>
    /// <exception cref="ObjectDisposedException">The node was stopped.</exception>
    public Task EvictAsync(PeerId member) => OrderAsync((core, now) => core.Evict(now, member));

    /// <summary>
    /// Forms the cluster anew around this node although a majority of the stewards is gone. Only when they will surely not come back as they were: nodes of the old cluster that cannot be reached may still run actors
    /// for as long as their leases last, which the new one waits for.
    /// </summary>
    /// <returns>Completes when this node has begun.</returns>
    /// <inheritdoc cref="EvictAsync" path="/exception"/>
    public Task ReformAsync() => OrderAsync(static (core, now) => core.ReformNow(now));

    /// <summary>Leaves this cluster as if it were gone, and looks for one anew.</summary>
    /// <returns>Completes when this node has begun.</returns>
    /// <inheritdoc cref="EvictAsync" path="/exception"/>
    public Task RejoinAsync() => OrderAsync(static (core, now) => core.Rejoin(now));

    /// <summary>What is not owned here in an epoch is released, and none of its code is entered any more. Any thread.</summary>
    /// <param name="self">In which life: an epoch says nothing to another one.</param>
    /// <param name="epoch">The epoch.</param>
    internal void ReportReleased(MemberId self, long epoch) => (_control as MemberShell)?.Order((core, now) =>
    {
        if (core.Self == self)
        {
            core.SlotsReleased(now, epoch);
        }
    });

    /// <summary>Leaves: tells the others, hands off what it owns, and is gone. Whoever asks again does not wait anew.</summary>
    /// <param name="within">When it takes longer, the others find out as they find out a crash.</param>
    /// <param name="hurry">The same, sooner.</param>
    internal async Task LeaveAsync(TimeSpan within, CancellationToken hurry = default)
    {
        if (_control is not MemberShell member || Interlocked.Exchange(ref _hasLeft, 1) != 0)
        {
            return;
        }

        member.Order(static (core, now) => core.Leave(now));
        try
        {
            await member.Stopped.WaitAsync(within, member.Loop.Clock.Provider, hurry).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // As if it had crashed.
        }
    }

    private Task OrderAsync(Action<ViewCore, TimeSpan> order)
    {
        if (_control is not MemberShell member)
        {
            throw new InvalidOperationException("A client is no member: it has no say in the cluster.");
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        member.Order(
            (core, now) =>
            {
                order(core, now);
                done.TrySetResult();
            },
            () => done.TrySetException(Stopped()));
        return done.Task;
    }

    private static ObjectDisposedException Stopped() => new(nameof(TransportNode), "The node was stopped.");
}
