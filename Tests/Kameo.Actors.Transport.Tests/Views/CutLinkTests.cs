using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Views;

/// <summary>Links between single nodes that carry nothing.</summary>
public sealed class CutLinkTests
{
    [Fact]
    public void A_steward_that_cannot_reach_the_leader_goes_on_through_another_one()
    {
        CoreBus bus = Standing(3, out int leader, out int other);
        bus.Cut(leader, other);
        TimeSpan cutAt = bus.Now;
        Assert.False(
            bus.RunUntil(() => bus.Now > cutAt && Array.Exists(bus.Cores, core => !core.MayEnter(bus.Now) || core.Installed.Members.Count != 3), TimeSpan.FromSeconds(30)),
            $"after {bus.Now - cutAt}: {string.Join(", ", bus.Cores.Select(core => $"{core.Self} {core.Phase}, {core.Installed.Members.Count} members, lease until {core.LeaseEnd - cutAt}"))}");
        Assert.Empty(bus.Halts);
    }

    [Fact]
    public void A_steward_that_cannot_reach_the_leader_can_still_leave()
    {
        CoreBus bus = Standing(3, out int leader, out int other);
        bus.Cut(leader, other);
        bus.RunUntil(static () => false, TimeSpan.FromSeconds(3));
        bus.Cores[other].Leave(bus.Now);
        Assert.True(bus.RunUntil(() => bus.Cores[other].Phase == ViewPhase.Stopped, TimeSpan.FromSeconds(5)), "it has not left");
    }

    [Fact]
    public void Who_halts_names_stewards_that_went_silent_as_missing()
    {
        CoreBus bus = Standing(3, out int leader, out int other);
        int third = 3 - leader - other;
        bus.Cut(third, leader);
        bus.Cut(third, other);
        Assert.True(bus.RunUntil(() => bus.Halts.Count > 0, TimeSpan.FromSeconds(10)), "it does not know that it halted");
        Assert.Equal(new[] { bus.Cores[leader].Self, bus.Cores[other].Self }.Order(), bus.Halts[0].MissingStewards.Order());
    }

    [Fact]
    public void Members_that_talk_to_one_steward_at_a_time_name_all_that_are_missing_and_no_others()
    {
        const int Count = 20;
        CoreBus bus = Standing(Count, out _, out _);
        MemberId[] lost = [.. bus.Cores[0].Installed.Stewards.Take(4)];
        int[] silent = [.. lost.Select(id => Array.FindIndex(bus.Cores, core => core.Self == id))];
        foreach (int one in silent)
        {
            for (int other = 0; other < Count; other++)
            {
                bus.Cut(one, other);
            }
        }

        Assert.True(bus.RunUntil(() => bus.Halts.Count == Count, TimeSpan.FromSeconds(12)), $"{bus.Halts.Count} know that they halted");
        Assert.Equal(Count - lost.Length, bus.Halts.Count(halted => halted.MissingStewards.Order().SequenceEqual(lost.Order())));
    }

    private static CoreBus Standing(int count, out int leader, out int other)
    {
        var bus = new CoreBus(count);
        Assert.True(
            bus.RunUntil(
                () => Array.TrueForAll(bus.Cores, core => core.Installed.Members.Count == count && core.Installed.Stewards.Count == Math.Min(count, 7) && core.MayEnter(bus.Now) && (core.SettledEpoch == core.Installed.Epoch || !core.Installed.IsSteward(core.Self))),
                TimeSpan.FromSeconds(20)),
            "no cluster");
        leader = Array.IndexOf(bus.Cores, bus.Leader);
        other = leader == 0 ? 1 : 0;
        return bus;
    }
}
