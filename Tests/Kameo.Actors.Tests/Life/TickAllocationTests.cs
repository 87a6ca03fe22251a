using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>What is measured of the whole process runs beside no other test.</summary>
[CollectionDefinition(nameof(TickAllocationTests), DisableParallelization = true)]
public sealed class Alone;

/// <summary>A tick costs no allocation by the framework in steady state.</summary>
[Collection(nameof(TickAllocationTests))]
public sealed class TickAllocationTests
{
    private const int Ticks = 5000;

    /// <summary>What the process does besides: the test's own waiting, now and then a larger array of the pool's queues.</summary>
    private const int BytesPerTickMax = 8;

    /// <summary>What is left of tests before this one may still end in the first rounds; what a tick costs it costs in all of them.</summary>
    private const int RoundsMax = 5;

    [Fact]
    public async Task A_tick_allocates_nothing()
    {
        var time = new FakeTime();
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: options => options.TimeProvider = time);
        await cluster.Nodes[0].Get<IMetronome>("a").Start();
        int armed = time.Armed;
        Run(time, armed, 200);
        long bytes = long.MaxValue;
        for (int round = 0; round < RoundsMax && bytes >= Ticks * BytesPerTickMax; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Run(time, armed, Ticks);
            bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        Assert.True(bytes < Ticks * BytesPerTickMax, $"{Ticks} ticks allocated {bytes} bytes");
    }

    private static void Run(FakeTime time, int armed, int ticks)
    {
        int until = MetronomeActor.Count + ticks;
        while (MetronomeActor.Count < until)
        {
            time.Advance(TimeSpan.FromMilliseconds(0.01)); // Far below the node's own tick.
            SpinUntilArmed(time, armed);
        }
    }

    private static void SpinUntilArmed(FakeTime time, int armed)
    {
        var spin = default(SpinWait);
        while (time.Armed < armed)
        {
            spin.SpinOnce();
        }
    }

    public sealed class MetronomeActor : Actor, IMetronome
    {
        private static int s_count;

        public static int Count => Volatile.Read(ref s_count);

        public ValueTask Start()
        {
            var period = TimeSpan.FromMilliseconds(0.01);
            RegisterTimer(
                static (actor, _) =>
                {
                    Assert.NotNull(actor);
                    Interlocked.Increment(ref s_count);
                    return default(ValueTask);
                },
                this,
                new ActorTimerOptions(period, period));
            return default;
        }
    }
}

public interface IMetronome : IGrainWithStringKey
{
    ValueTask Start();
}
