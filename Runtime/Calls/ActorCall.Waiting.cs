using Kameo.Actors.Deadlocks;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Calls;

/// <summary>What the search for deadlocks reads of a call. Glances, but for <see cref="IsFrom"/>.</summary>
public abstract partial class ActorCall
{
    /// <summary>Which ask of its turn it is, unique in this process; 0: it was made outside of turns. Written by who makes it, before it is sent; the object may be another call when it is read.</summary>
    internal ulong AskId { get; set; }

    /// <summary>Whether it still is that ask, and not answered. Any thread.</summary>
    internal bool Waits(ulong askId) => AskId == askId && !_completed;

    /// <summary>Whether a turn cannot end before that ask is answered. In the turn's executor.</summary>
    /// <param name="askId">Which ask.</param>
    /// <param name="end">What the turn ends with.</param>
    internal bool IsAwaitedBy(ulong askId, object end)
    {
        if (!Waits(askId) || Volatile.Read(ref _continuation) is not { } continuation || ReferenceEquals(continuation, s_done))
        {
            return false;
        }

        bool leads = AwaitChain.Leads(_continuationState, end);
        Interlocked.MemoryBarrier(); // What was read above, was before the ask was answered if it is not answered now.
        return leads && Waits(askId);
    }

    /// <summary>What cannot end before it is answered: the call of the turn that made it, or the task of a turn without one. A glance, as <see cref="AwaitChain.EndOf"/>: any thread.</summary>
    internal object? FindAwaiting() =>
        Volatile.Read(ref _continuation) is { } continuation && !ReferenceEquals(continuation, s_done) ? AwaitChain.EndOf(_continuationState) : null;

    /// <summary>What it is to the peer that asked it, if one did. A glance: any thread.</summary>
    internal AskOfPeer AsOfPeer => !IsTell && _origin is { } origin ? new AskOfPeer(origin, _extras.OriginCorrelation) : default;

    /// <summary>Whether it came by that connection, as that ask of its peer. In the executor.</summary>
    internal bool IsFrom(Connection connection, ulong correlation) => !IsTell && ReferenceEquals(_origin, connection) && _extras.OriginCorrelation == correlation;
}
