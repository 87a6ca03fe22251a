using Xunit.Abstractions;

namespace Kameo.Actors.Transport.Tests.Rings;

/// <summary>Every order of shared accesses of a few producers and the writer on a tiny ring.</summary>
public sealed class RingInterleavingTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(240);

    [Fact]
    public void TwoProducersInAnEmptyRing() => Complete(new RingPlan { StartAtBytes = 8 });

    [Fact]
    public void TwoProducersOfTwoFramesAcrossTheEnd() => Complete(new RingPlan { StartAtBytes = 56, FramesEach = 2, FrameBytes = [16, 9] });

    [Fact]
    public void TwoProducersFillTheRing() =>
        Complete(new RingPlan { CapacityBytes = 32, StartAtBytes = 8, FramesEach = 3, FrameBytes = [8], PeekBytes = 8 });

    [Fact]
    public void ThreeProducersAcrossTheEnd() => Complete(new RingPlan { StartAtBytes = 8, Producers = 3, StepsInCopy = false });

    [Fact]
    public void ParkingWhileTwoProducersSend() => Complete(new RingPlan { StartAtBytes = 8, Parks = true, StepsInCopy = false });

    [Fact]
    public void ARingThatStartsParkedIsFilledByTwoProducers() => Complete(new RingPlan { Parks = true, Producers = 1, FramesEach = 2, ParkTries = 2 });

    [Fact]
    public void TwoProducersUnparkAtOnce() => Complete(new RingPlan());

    [Fact]
    public void ClosingWhileTwoProducersSend() => Complete(new RingPlan { StartAtBytes = 56, Closes = true });

    [Fact]
    public void TwoProducersWithStoreBuffers() => Complete(new RingPlan { StartAtBytes = 56, StoreBuffers = true, FrameBytes = [8, 16] });

    [Fact]
    public void ParkingWithStoreBuffers() => Complete(new RingPlan { StartAtBytes = 8, StoreBuffers = true, Producers = 1, Parks = true });

    [Theory]
    [InlineData(nameof(PlantedBug.PublishBeforeCopy), false)]
    [InlineData(nameof(PlantedBug.TornCompareExchange), false)]
    [InlineData(nameof(PlantedBug.ReleaseWithoutLook), false)]
    [InlineData(nameof(PlantedBug.NoFences), true)]
    public void APlantedBugIsFound(string bug, bool storeBuffers)
    {
        var plan = new RingPlan
        {
            StartAtBytes = 8,
            Bug = Enum.Parse<PlantedBug>(bug),
            StoreBuffers = storeBuffers,
        };
        Exploration found = RingScenario.Explore(plan, s_budget);
        output.WriteLine($"{bug}: {found}");
        Assert.NotNull(found.Failure);
    }

    private void Complete(RingPlan plan)
    {
        long start = TimeProvider.System.GetTimestamp();
        Exploration found = RingScenario.Explore(plan, s_budget);
        output.WriteLine($"{found} in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:F1} s");
        Assert.Null(found.Failure);
        Assert.True(found.IsComplete, $"Not complete in time: {found}");
    }
}
