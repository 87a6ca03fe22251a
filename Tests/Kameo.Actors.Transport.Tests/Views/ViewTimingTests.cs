using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Views;

/// <summary>The relations between durations that the rules of views rest on: each profile keeps them, and options that break one are refused with its name.</summary>
public sealed class ViewTimingTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromTicks(1);

    public static TheoryData<string, string> Broken()
    {
        var data = new TheoryData<string, string>();
        foreach ((string what, string relation, _) in s_broken)
        {
            data.Add(what, relation);
        }

        return data;
    }

    [Fact]
    public void Both_profiles_keep_every_relation()
    {
        ViewTiming.Lan.Validate();
        ViewTiming.Wan.Validate();
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_breaks_a_relation_is_refused_with_its_name(string what, string relation)
    {
        (_, _, Func<ViewTiming, ViewTiming> change) = s_broken.Single(one => one.What == what);
        foreach (ViewTiming profile in (ViewTiming[])[ViewTiming.Lan, ViewTiming.Wan])
        {
            ArgumentException refused = Assert.Throws<ArgumentException>(() => change(profile).Validate());
            Assert.Contains(relation, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_node_with_such_options_does_not_start(string what, string relation)
    {
        (_, _, Func<ViewTiming, ViewTiming> change) = s_broken.Single(one => one.What == what);
        var errors = new List<string>();
        new MembershipOptions { Timing = change(ViewTiming.Lan) }.Validate(Membership.SmallCluster.Options(), errors);
        Assert.Contains(errors, error => error.Contains(relation, StringComparison.Ordinal));
    }

    /// <summary>What is wrong, the words of the relation, and how to break it and no other by the least amount.</summary>
    private static readonly (string What, string Relation, Func<ViewTiming, ViewTiming> Change)[] s_broken =
    [
        ("a negative drift", "between 0 and 50 %", static timing => timing with { DriftPercent = -1 }),
        ("a drift of half", "between 0 and 50 %", static timing => timing with { DriftPercent = 50 }),
        ("a short lease", "L >= h + 2 Emax + 3 RTT + lag", static timing => timing with { Lease = timing.Lease - s_moment }),
        ("renewals that are too rare", "L >= h + 2 Emax + 3 RTT + lag", static timing => timing with { RenewEvery = timing.RenewEvery + s_moment }),
        ("elections all at once", "room for chance", static timing => timing with { ElectionMin = timing.ElectionMax }),
        ("elections after a kill all at once", "room for chance", static timing => timing with { ElectionAfterKillMax = timing.ElectionAfterKillMin }),
        ("rare heartbeats", "three heartbeats", static timing => timing with { Heartbeat = (timing.ElectionMin / 3) + s_moment }),
        ("an election as short as a round trip", "longer than a round trip", static timing => timing with { RoundTripMax = timing.ElectionMin, Lease = timing.Lease * 2 }),
        ("helpers that answer too late", "helpers answer", static timing => timing with { HelperWaits = timing.SilentAfter - timing.ProbeEvery - timing.RoundTripMax }),
        ("killed as late as silent", "goes sooner", static timing => timing with { KilledAfter = timing.SilentAfter }),
        ("a key as late as silent", "goes sooner", static timing => timing with { KeySilentAfter = timing.SilentAfter }),
        ("halted before two elections", "a cluster halted", static timing => timing with { HaltedAfter = timing.SilentAfter + (2 * timing.ElectionMax) - s_moment }),
        ("halted before anybody is silent", "a cluster halted", static timing => timing with { HaltedAfter = timing.SilentAfter }),
        ("no late tick", "counts as late", static timing => timing with { LateTickMin = TimeSpan.Zero }),
        ("a late tick above the lag", "counts as late", static timing => timing with { LateTickMin = timing.LagMax }),
        ("a late tick as long as an election", "counts as late", static timing => timing with { LateTickMin = timing.ElectionAfterKillMin }),
        ("a late tick as long as a kill", "counts as late", static timing => timing with { LateTickMin = timing.KilledAfter }),
        ("no renewals", "positive", static timing => timing with { RenewEvery = TimeSpan.Zero }),
        ("no time for retries", "positive", static timing => timing with { RetryEvery = TimeSpan.Zero }),
        ("no guard", "positive", static timing => timing with { StretchGuard = TimeSpan.Zero }),
        ("no heartbeat", "positive", static timing => timing with { Heartbeat = TimeSpan.Zero }),
        ("no probes", "positive", static timing => timing with { ProbeEvery = TimeSpan.Zero }),
        ("helpers that do not wait", "positive", static timing => timing with { HelperWaits = TimeSpan.Zero }),
        ("a key at once", "positive", static timing => timing with { KeySilentAfter = TimeSpan.Zero }),
        ("no wait for joins", "positive", static timing => timing with { JoinBatchMax = TimeSpan.Zero }),
        ("founding at once", "positive", static timing => timing with { FoundAloneAfter = TimeSpan.Zero }),
        ("no round trip", "positive", static timing => timing with { RoundTripMax = TimeSpan.Zero }),
        ("a negative round trip", "RoundTripMax is not negative", static timing => timing with { RoundTripMax = -s_moment }),
        ("an election beyond all reckoning", "ElectionMax is not negative, and at most 24 hours", static timing => timing with { ElectionMax = TimeSpan.MaxValue }),
        ("a lease without end", "Lease is not negative, and at most 24 hours", static timing => timing with { Lease = ViewTiming.Longest + s_moment }),
        ("a lease that others would round", "whole milliseconds", static timing => timing with { Lease = timing.Lease + s_moment }),
        ("a guard that others would round", "whole milliseconds", static timing => timing with { StretchGuard = timing.StretchGuard + s_moment }),
    ];
}
