namespace Kameo.Actors.Transport.Views;

/// <summary>The bounds of views, each with where its number comes from.</summary>
internal static class ViewLimits
{
    /// <summary>The version of messages and log entries that this code writes.</summary>
    public const byte ProtocolVersion = 1;

    /// <summary>Stewards: three of seven may crash at once, and a round of heartbeats stays six frames.</summary>
    public const int StewardsMax = 7;

    /// <summary>How many members each one watches. Source: Rapid (USENIX ATC 2018), where K = 10 rings make an expander; 8 keeps control connections under 2K + 2.</summary>
    public const int WatchedMax = 8;

    /// <summary>Helpers asked to probe a suspect. Source: SWIM (DSN 2002), section 3.1, k = 3.</summary>
    public const int HelpersMax = 3;

    /// <summary>Entries in one frame to a steward: a frame of joins of 64 members stays under 64 KiB.</summary>
    public const int EntriesPerAppendMax = 64;

    /// <summary>Unsettled entries kept. Joins wait when it is reached; evictions never wait, and at most as many can come as there are members.</summary>
    public const int UnsettledEntriesMax = 4096;

    /// <summary>Members admitted in one view.</summary>
    public const int JoinsPerViewMax = 128;

    /// <summary>Members of a cluster.</summary>
    public const int MembersMax = 10_000;

    /// <summary>Renewals that a leader or a steward holds at once: one for each member; a later one of the same member replaces the earlier.</summary>
    public const int RenewalsMax = MembersMax;

    /// <summary>Steps of Lifeguard's local health (DSN 2018): 0 is healthy.</summary>
    public const int LocalHealthMax = 8;
}
