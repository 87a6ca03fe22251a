namespace Kameo.Actors.Transport.Connections;

/// <summary>What to do when a second connection to the same peer opens while the first still stands.</summary>
internal enum DuplicateDecision : byte
{
    /// <summary>The newer takes over; the older ends at once: its other end has already given it up.</summary>
    ReplaceOlder,

    /// <summary>The older stays; the newer ends once its other end, which may have met them in the other order, has stopped using it.</summary>
    RefuseNewer,

    /// <summary>The newer takes over once the older has nothing under way, so that no order is broken and no answer lost; at once if the older does not answer a ping.</summary>
    RetireOlder,

    /// <summary>As <see cref="RefuseNewer"/>, but only if the older answers a ping in time; else <see cref="ReplaceOlder"/>. <see cref="DuplicateChallenge"/> decides.</summary>
    RefuseNewerIfOlderAnswers,
}

/// <summary>Resolves duplicate connections the same way on both ends, from what both know. Pure.</summary>
internal static class DuplicateRule
{
    /// <summary>How long the older of two connections may be silent after the newer has answered, before it counts as dead (AGREEMENT, Connections; that the newer must have answered is ours: <see cref="DuplicateChallenge"/>).</summary>
    public const int PingMillisecondsMax = 500;

    /// <summary>Decides between two connections of one pair of peers.</summary>
    /// <param name="older">The standing one.</param>
    /// <param name="newer">The one that just exchanged hellos.</param>
    public static DuplicateDecision Decide(in ConnectionOrigin older, in ConnectionOrigin newer)
    {
        // Another life of either end: its older connections died with it.
        if (older.Incarnation != newer.Incarnation)
        {
            return DuplicateDecision.ReplaceOlder;
        }

        // One dialler: its newer dial counts. It may have lost the older connection, or have been told the same peer's address twice.
        if (older.Dialler == newer.Dialler)
        {
            return newer.DialNumber > older.DialNumber ? DuplicateDecision.RetireOlder : DuplicateDecision.RefuseNewer;
        }

        // Both ends dialled at about the same time: the connection of the lower id stays.
        return newer.Dialler.CompareTo(older.Dialler) < 0 ? DuplicateDecision.RetireOlder : DuplicateDecision.RefuseNewerIfOlderAnswers;
    }
}

/// <summary>What both ends of a connection know of its beginning.</summary>
/// <param name="Dialler">Who dialled.</param>
/// <param name="DialNumber">The dialler's count of dials.</param>
/// <param name="Incarnation">The remote end's incarnation.</param>
internal readonly record struct ConnectionOrigin(PeerId Dialler, ulong DialNumber, ulong Incarnation);
