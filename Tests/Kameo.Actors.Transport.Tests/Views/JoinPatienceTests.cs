using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Views;

/// <summary>Who joins behind an eviction waits for what that has to wait for: else it counts W anew from when it came, and holds up what it is given.</summary>
public sealed class JoinPatienceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Who_was_evicted_comes_back_no_sooner_than_its_slots_may_be_taken_over(int evicted)
    {
        CoreBus bus = new(3);
        ViewCore[] others = [.. bus.Cores.Where((_, index) => index != evicted)];
        Assert.True(bus.RunUntil(() => Array.TrueForAll(bus.Cores, core => core.Installed is { Members.Count: 3, Stewards.Count: 3 } && core.MayEnter(bus.Now)), TimeSpan.FromSeconds(60)));

        bus.Cut(evicted, (evicted + 1) % 3);
        bus.Cut(evicted, (evicted + 2) % 3);
        Assert.True(bus.RunUntil(() => Array.TrueForAll(others, static core => core.Installed.Members.Count == 2), TimeSpan.FromSeconds(10)));
        TimeSpan evictedAt = bus.Now;
        bus.Heal();

        Assert.True(bus.RunUntil(() => Array.TrueForAll(others, static core => core.Installed.Members.Count == 3), TimeSpan.FromSeconds(60)));
        Assert.InRange(bus.Now - evictedAt, ViewTiming.Lan.TakeoverWait, TimeSpan.FromSeconds(20));
    }
}
