using System.Diagnostics.Metrics;
using System.Net;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Calls;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Transport;
using Orleans;

namespace Kameo.Actors.Tests.Diagnostics;

/// <summary>Calls, failures, durations, queues and activations, by class and method.</summary>
[Collection(AloneCollection.Name)]
public sealed class MetricsTests
{
    private const string Class = "class=Kameo.Actors.Tests.Diagnostics.MeasuredActor";
    private const string Method = "method=Kameo.Actors.Tests.Diagnostics.IMeasured.";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Calls_are_counted_and_timed_by_class_and_method_and_failures_by_exception(bool isLocal)
    {
        using var measured = new Measured("kameo.calls", "kameo.calls.failed", "kameo.calls.duration", "kameo.asks.duration");
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IMeasured actor = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IMeasured>(1);
        await actor.Work(3);
        await actor.Work(4);
        await Assert.ThrowsAsync<ArgumentException>(async () => await actor.Work(-1));
        await actor.Tell().Work(5);

        string tags = $"{Class} {Method}Work";
        await Eventually.TrueAsync(() => measured.Seen("kameo.calls", tags).Count == 4, "four calls");
        Assert.Single(measured.Seen("kameo.calls.failed", $"{tags} error.type=System.ArgumentException"));
        await Eventually.TrueAsync(() => measured.Seen("kameo.calls.duration", tags).Count == 4, "four durations");
        Assert.Equal(2, measured.Seen("kameo.asks.duration", $"{Method}Work outcome=ok").Count);
        Assert.Single(measured.Seen("kameo.asks.duration", $"{Method}Work outcome=failed"));
    }

    [Fact]
    public async Task A_duration_is_the_nodes_time()
    {
        using var measured = new Measured("kameo.calls.duration", "kameo.asks.duration");
        var time = new TestTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time);
        Task slow = cluster.Nodes[0].Get<IMeasured>(2).Wait();
        await Eventually.TrueAsync(() => MeasuredActor.Gate is not null, "the turn");
        time.Advance(TimeSpan.FromSeconds(3));
        MeasuredActor.Gate!.SetResult();
        MeasuredActor.Gate = null;
        await slow;
        await Eventually.TrueAsync(() => measured.Seen("kameo.calls.duration", "Wait").Count == 1, "a duration");
        Assert.Equal(3, measured.Seen("kameo.calls.duration", "Wait")[0].Value, tolerance: 0.001);
        Assert.Equal(3, measured.Seen("kameo.asks.duration", "Wait")[0].Value, tolerance: 0.001);
    }

    [Fact]
    public async Task A_duration_in_which_no_time_passed_is_not_less_than_none()
    {
        using var measured = new Measured("kameo.calls.duration", "kameo.asks.duration");
        var time = new TestTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time);
        for (int call = 0; call < 3; call++)
        {
            await cluster.Nodes[0].Get<IMeasured>(9).Work(1);
            time.Advance(TimeSpan.FromTicks(1)); // An odd moment and an even one.
        }

        await Eventually.TrueAsync(() => measured.Seen("kameo.calls.duration", "Work").Count == 3, "three durations");
        Assert.All(measured.Seen("kameo.calls.duration", "Work"), static one => Assert.InRange(one.Value, 0, 3e-7)); // The turn may be over after the clock went on.
        Assert.All(measured.Seen("kameo.asks.duration", "Work"), static one => Assert.InRange(one.Value, 0, 3e-7));
    }

    [Fact]
    public async Task Activations_and_queued_calls_are_told_by_class()
    {
        using var measured = new Measured("kameo.activations", "kameo.calls.queued");
        await using TestCluster cluster = await TestCluster.StartAsync();
        Task slow = cluster.Nodes[0].Get<IMeasured>(3).Wait();
        await Eventually.TrueAsync(() => MeasuredActor.Gate is not null, "the turn");
        await cluster.Nodes[0].Get<IMeasured>(4).Work(1);
        Task[] queued = [.. Enumerable.Range(0, 5).Select(_ => cluster.Nodes[0].Get<IMeasured>(3).Work(1).AsTask())];
        await Eventually.TrueAsync(
            () =>
            {
                measured.Observe();
                return measured.Seen("kameo.calls.queued", Class).Any(static one => one.Value == 5); // A few too many while an executor has not said what it took.
            },
            "the queue");
        Assert.Contains(measured.Seen("kameo.activations", Class), static one => one.Value == 2);
        MeasuredActor.Gate!.SetResult();
        MeasuredActor.Gate = null;
        await slow;
        await Task.WhenAll(queued);
    }

    [Fact]
    public async Task A_node_that_could_not_start_leaves_no_instruments_and_no_thread()
    {
        (int instruments, int threads) = (Instruments(), SlotThreads());
        await Assert.ThrowsAsync<ArgumentException>(() => ActorNode.StartAsync(new ActorNodeOptions()));
        var nowhere = new IPEndPoint(IPAddress.Parse("203.0.113.9"), 0); // RFC 5737: no machine has it.
        await Assert.ThrowsAsync<TransportException>(() => ActorNode.StartAsync(new ActorNodeOptions { Trust = TrustPolicy.Anyone(), Listen = nowhere }));
        Assert.Equal(instruments, Instruments());
        await Eventually.TrueAsync(() => SlotThreads() <= threads, "the thread of slots to be gone"); // The kernel has it a little longer than who waits for its end.

        static int Instruments()
        {
            int count = 0;
            using var listener = new MeterListener { InstrumentPublished = (instrument, _) => count += instrument.Name == "kameo.activations" ? 1 : 0 };
            listener.Start();
            return count;
        }

        static int SlotThreads() => OperatingSystem.IsLinux() ? Directory.GetDirectories("/proc/self/task").Count(static task => NameOf(task).StartsWith("kameo-slots", StringComparison.Ordinal)) : 0;

        static string NameOf(string task)
        {
            try
            {
                return File.ReadAllText($"{task}/comm");
            }
            catch (IOException)
            {
                return string.Empty; // It has ended since it was listed.
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Measuring_a_call_allocates_nothing(bool isLocal)
    {
        const int Calls = 20_000;
        long recorded = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Kameo.Actors" && instrument is not ObservableInstrument<long>)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => Interlocked.Increment(ref recorded));
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref recorded));
        listener.Start();
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ICell<long> cell = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ICell<long>>("measured");
        long least = await Task.Run(async () =>
        {
            long least = long.MaxValue;
            for (int round = 0; round < 5; round++)
            {
                long before = GC.GetTotalAllocatedBytes();
                for (int call = 0; call < Calls; call++)
                {
                    await cell.Take();
                }

                least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
            }

            return least;
        });
        Assert.True(least < Calls * 8, $"{(double)least / Calls} bytes a call");
        Assert.True(Volatile.Read(ref recorded) >= 3 * 5 * Calls - 10, "each call is counted and timed twice");
    }
}

public interface IMeasured : IGrainWithIntegerKey
{
    ValueTask<long> Work(long amount);

    Task Wait();
}

public sealed class MeasuredActor : Actor, IMeasured
{
    private static volatile TaskCompletionSource? s_gate;

    public static TaskCompletionSource? Gate
    {
        get => s_gate;
        set => s_gate = value;
    }

    public ValueTask<long> Work(long amount) => amount > 0 ? new(amount) : throw new ArgumentException("negative");

    public Task Wait()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Gate = gate;
        return gate.Task;
    }
}
