using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Membership;

/// <summary>What became of a node's membership since it started. Written by the control thread; read by others as a glance.</summary>
internal sealed class MembershipCounters
{
    /// <summary>Messages of views sent and received.</summary>
    public long MessagesSent;

    /// <inheritdoc cref="MessagesSent"/>
    public long MessagesReceived;

    /// <summary>Views installed.</summary>
    public long Views;

    /// <summary>Lives that have ended.</summary>
    public long LivesEnded;

    /// <summary>How often a majority of stewards was found missing.</summary>
    public long Halts;

    /// <summary>Members that this node began to suspect, each time anew.</summary>
    public long Suspicions;

    /// <summary>When the newest view was installed, on the clock of leases.</summary>
    public TimeSpan InstalledAt = ViewTiming.LongAgo;

    /// <summary>A view is installed.</summary>
    public void Installed(TimeSpan now)
    {
        Views++;
        InstalledAt = now;
    }
}
