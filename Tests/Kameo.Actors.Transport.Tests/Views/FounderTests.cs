namespace Kameo.Actors.Transport.Tests.Views;

/// <summary>Founders that have to find each other first.</summary>
public sealed class FounderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Founders_that_know_only_one_of_them_meet_through_it(int hub)
    {
        var bus = new CoreBus(4, hub, hasFounders: true);
        Assert.True(
            bus.RunUntil(() => Array.TrueForAll(bus.Cores, static core => core.Installed.Members.Count == 4), TimeSpan.FromSeconds(10)),
            $"members: {string.Join(", ", bus.Cores.Select(static core => core.Installed.Members.Count))}");
    }
}
