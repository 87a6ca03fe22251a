namespace Kameo.Actors.Transport;

/// <summary>For which networks the durations of detection and leases are made.</summary>
public enum MembershipProfile
{
    /// <summary>Nodes within about 100 ms of each other: a lease of 4 s, a silent node is evicted after 2.2 s.</summary>
    Lan,

    /// <summary>Nodes within about 500 ms of each other: a lease of 15 s, a silent node is evicted after 8 s.</summary>
    Wan,
}
