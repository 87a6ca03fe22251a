using Kameo.Actors.Deadlocks;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>What probes report was a circle, and every lasting circle is reported: over many histories, each of a seed.</summary>
public sealed class ProbeRulesTests
{
    private const int Histories = 400;
    private const int Steps = 1500;
    private const int RoundsMax = 2000;

    [Fact]
    public void What_is_reported_was_a_circle_and_no_circle_stays()
    {
        int reports = 0;
        for (int seed = 0; seed < Histories; seed++)
        {
            var world = new WaitWorld(seed, actors: 2 + (seed % 7));
            for (int step = 0; step < Steps; step++)
            {
                world.Step();
            }

            Assert.True(world.FalseReports == 0, $"seed {seed}: {world.FalseReports} reports of no circle");
            int rounds = 0;
            while (world.Left > 0)
            {
                Assert.True(++rounds < RoundsMax, $"seed {seed}: {world.Left} turns and asks are left, after {world.Now} steps");
                world.Settle();
            }

            Assert.True(world.FalseReports == 0, $"seed {seed}: {world.FalseReports} reports of no circle");
            reports += world.Reports;
        }

        Assert.True(reports > Histories, $"{reports} reports");
    }

    [Fact]
    public void One_round_would_report_what_is_none()
    {
        int wrong = 0;
        for (int seed = 0; seed < Histories; seed++)
        {
            var world = new WaitWorld(seed, actors: 5 + (seed % 4), trustsOneRound: true);
            for (int step = 0; step < Steps; step++)
            {
                world.Step();
            }

            wrong += world.FalseReports;
        }

        Assert.True(wrong > 0, "the histories have nothing that a second round is needed for");
    }

    [Fact]
    public void Of_the_probes_of_a_circle_the_one_of_the_largest_turn_comes_back()
    {
        TurnSight small = Turn(1, 10);
        TurnSight large = Turn(2, 20);
        var onward = new List<Probe>();
        ProbeRules.Start(small, 1, onward);
        Assert.False(ProbeRules.Follow(Assert.Single(onward), [large], onward));
        Assert.Single(onward); // It went no further.

        onward.Clear();
        ProbeRules.Start(large, 2, onward);
        Assert.False(Next(onward, small));
        Assert.False(Next(onward, large));
        Assert.True(onward[0].IsConfirming);
        Assert.False(Next(onward, small));
        Assert.True(Next(onward, large));
        Assert.Equal("turn 2 -> turn 1 -> turn 2", Confirmed!.Chain);
    }

    [Fact]
    public void A_path_does_not_grow_beyond_its_bound()
    {
        var onward = new List<Probe>();
        ProbeRules.Start(Turn(1000, 1000), 1, onward);
        for (ulong number = 1; number < Probe.PathMax; number++)
        {
            Assert.False(Next(onward, Turn(number, number)));
        }

        Assert.Equal(Probe.PathMax, Assert.Single(onward).Path.Length);
        Assert.False(Next(onward, Turn(999, 999)));
        Assert.Empty(onward);
    }

    [Fact]
    public void An_edge_that_changed_ends_the_second_round()
    {
        TurnSight small = Turn(1, 10);
        TurnSight large = Turn(2, 20);
        Probe confirming = Probe.From(large, 20, 1) with
        {
            Path = [new ProbeStep(large.Turn, true, 20, "l"), new ProbeStep(small.Turn, true, 10, "s")],
            Position = 1,
            IsConfirming = true,
        };
        var onward = new List<Probe>();
        Assert.False(ProbeRules.Follow(confirming, [large with { IsBarring = false }], onward));
        Assert.False(ProbeRules.Follow(confirming, [large with { Awaited = [21] }], onward));
        Assert.False(ProbeRules.Follow(confirming, [large with { Turn = new TurnId(default, 3) }], onward));
        Assert.False(ProbeRules.Follow(confirming, [], onward));
        Assert.True(ProbeRules.Follow(confirming, [large], onward));
        Assert.Empty(onward);
    }

    private Probe? Confirmed { get; set; }

    private static TurnSight Turn(ulong number, ulong ask) => new(new TurnId(default, number), true, [ask], $"turn {number}");

    private bool Next(List<Probe> onward, TurnSight sight)
    {
        Confirmed = Assert.Single(onward);
        onward.Clear();
        return ProbeRules.Follow(Confirmed, [sight], onward);
    }
}
