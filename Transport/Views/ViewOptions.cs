namespace Kameo.Actors.Transport.Views;

/// <summary>What a node does when a majority of stewards is lost for good.</summary>
internal enum ReformMode : byte
{
    /// <summary>Waits for an operator, and names the missing stewards.</summary>
    Operator,

    /// <summary>Re-forms by itself once every peer of the newest view known is present again, none of them knowing a leader or a newer cluster.</summary>
    WhenAllReturn,
}

/// <summary>What one node's views are made of.</summary>
internal sealed record ViewOptions
{
    /// <summary>This peer.</summary>
    public required PeerId Peer { get; init; }

    /// <summary>Where others dial it.</summary>
    public required string Address { get; init; }

    /// <summary>Addresses to look for others at. Its own may be among them.</summary>
    public required IReadOnlyList<string> Seeds { get; init; }

    /// <summary>The peers of which the lowest founds the cluster, once all of them have answered that they are fresh. Null: any node may found alone, which is for samples and development.</summary>
    public IReadOnlyList<PeerId>? Founders { get; init; }

    /// <summary>What to do when a majority of stewards is lost.</summary>
    public ReformMode Reform { get; init; }

    /// <summary>The actor types it hosts.</summary>
    public IReadOnlyList<string> HostedTypes { get; init; } = [];

    /// <summary>What operators say of it.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How much of the slots it is to have.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Durations.</summary>
    public ViewTiming Timing { get; init; } = ViewTiming.Lan;

    /// <summary>Seconds since 1970 when the node started: epochs of a cluster that it founds start above them, so that fences rise over foundings.</summary>
    public long UnixSeconds { get; init; }

    /// <summary>Whether something above owns slots and reports what it released (<see cref="ViewCore.SlotsReleased"/>); else every installed epoch counts as released.</summary>
    public bool HasSlots { get; init; }

    /// <summary>Whether term, vote and log are kept over restarts (<see cref="PersistOutput"/>).</summary>
    public bool KeepsState { get; init; }

    /// <summary>The rules; anything but <see cref="ViewRules.Right"/> only in the simulator.</summary>
    public ViewRules Rules { get; init; } = ViewRules.Right;

    /// <summary>What this node says of itself when it joins.</summary>
    public Member Describe(MemberId id) => new()
    {
        Id = id,
        Address = Address,
        HostedTypes = HostedTypes,
        Labels = Labels,
        Weight = Weight,
        Terms = LeaseTerms.Of(Timing),
    };
}
