using System.Diagnostics.Metrics;
using Kameo.Actors.Transport.Tests.Asks;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>Look-ups cost nothing and are never older than the last change; many threads at once break nothing.</summary>
[Collection(AloneInTheProcess.Name)]
public sealed class LookupTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lookup_of_a_name_looked_up_before_allocates_nothing(bool isCluster)
    {
        await using TransportNode node = await StartAsync(options => options.UsesClusterNames = isCluster);
        using NameRegistration there = node.Register("there", ClusterNameTests.Echo);
        long least = long.MaxValue;
        int found = 0;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int count = 0; count < 10_000; count++)
            {
                found += node.Lookup("there") is not null && node.Lookup("absent") is null ? 1 : 0;
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(50_000, found);
        Assert.Equal(0, least);
    }

    [Fact]
    public async Task More_names_than_are_kept_are_found_all_the_same()
    {
        await using TransportNode node = await StartAsync(static options => options.Limits = new TransportLimits { LookupsKeptMax = 8 });
        NameRegistration[] names = [.. Enumerable.Range(0, 50).Select(number => node.Register($"{number}", ClusterNameTests.Echo))];
        for (int round = 0; round < 3; round++)
        {
            Assert.All(names, name => Assert.Equal(name.Name, node.Lookup(name.Name)!.Name));
        }

        names[3].Dispose();
        Assert.Null(node.Lookup("3"));
    }

    [Fact]
    public async Task A_lookup_after_a_change_sees_it_whoever_else_looks()
    {
        await using TransportNode node = await StartAsync();
        using var stop = new CancellationTokenSource();
        Task[] others = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                node.Lookup("name");
            }
        }))];
        for (int count = 0; count < 2_000; count++)
        {
            NameRegistration name = node.Register("name", ClusterNameTests.Echo, new byte[] { (byte)count });
            Assert.Equal((byte)count, node.Lookup("name")!.Metadata.Span[0]);
            name.Change(new byte[] { (byte)(count + 1) });
            Assert.Equal((byte)(count + 1), node.Lookup("name")!.Metadata.Span[0]);
            name.Dispose();
            Assert.Null(node.Lookup("name"));
        }

        await stop.CancelAsync();
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task Many_threads_register_wait_and_take_back_on_all_members_at_once()
    {
        const int Threads = 4;
        const int Rounds = 25;
        await using NameCluster cluster = await NameCluster.StartAsync(3);
        using var converged = new Measured("kameo.registry.convergence");
        await Task.WhenAll(Enumerable.Range(0, 3 * Threads).Select(number => Task.Run(async () =>
        {
            TransportNode node = cluster[number % 3];
            for (int round = 0; round < Rounds; round++)
            {
                string name = $"{number}/{round}";
                using NameRegistration registration = node.Register(name, ClusterNameTests.Echo, new byte[64], (RegistrationPriority)(round % 2));
                await registration.VisibleAsync(TwoNodes.Deadline);
                for (int index = 0; index < 3; index++)
                {
                    Assert.Equal(node.Id, cluster[index].Lookup(name)?.Owner);
                }
            }
        })));
        await Eventually.TrueAsync(() => Enumerable.Range(0, 3).All(index => cluster[index].Snapshot().Count == 0), "all names to be gone");
        Assert.InRange(converged.Count, 3 * Threads * Rounds, (3 * Threads * Rounds) + 9); // Beside those that were waited for each node measures one now and then.
    }

    [Fact]
    public async Task The_registrys_counters_are_exported()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        using NameRegistration name = cluster[0].Register("name", ClusterNameTests.Echo);
        await name.VisibleAsync(TwoNodes.Deadline);
        foreach (string instrument in (string[])["entries", "entry_bytes", "messages_sent", "bytes_sent", "messages_received", "bytes_received", "deltas_applied"])
        {
            using var measured = new Measured($"kameo.registry.{instrument}");
            Assert.True(measured.Sum > 0, instrument);
        }
    }

    [Fact]
    public async Task Names_of_one_node_are_bounded()
    {
        await using TransportNode node = await StartAsync(static options => options.Limits = new TransportLimits { NamesMax = 2 });
        using NameRegistration one = node.Register("1", ClusterNameTests.Echo);
        NameRegistration two = node.Register("2", ClusterNameTests.Echo);
        Assert.Throws<InvalidOperationException>(() => node.Register("1", ClusterNameTests.Echo));
        Assert.Throws<InvalidOperationException>(() => node.Register("3", ClusterNameTests.Echo));
        Assert.Throws<ArgumentException>(() => node.Register(new string('x', 256), ClusterNameTests.Echo));
        Assert.Throws<ArgumentException>(() => node.Register("\ud800", ClusterNameTests.Echo));
        Assert.Throws<ArgumentException>(() => one.Change(new byte[1025]));
        two.Dispose();
        Assert.Throws<ObjectDisposedException>(() => two.Change(default));
        using NameRegistration three = node.Register("3", ClusterNameTests.Echo);
    }

    [Fact]
    public void Limits_that_the_registry_could_not_live_with_are_refused()
    {
        TransportOptions options = TwoNodes.Options(static options => options.UsesClusterNames = true);
        Assert.Empty(options.Validate());
        options.Limits = new TransportLimits { FrameBytesMax = 8 * 1024 };
        Assert.Contains(options.Validate(), static error => error.Contains(nameof(TransportLimits.FrameBytesMax), StringComparison.Ordinal));
        options.Limits = new TransportLimits { NamesInClusterMax = 1 };
        Assert.Contains(options.Validate(), static error => error.Contains(nameof(TransportLimits.NamesInClusterMax), StringComparison.Ordinal));
    }

    private static async Task<TransportNode> StartAsync(Action<TransportOptions>? configure = null)
    {
        NameCluster cluster = await NameCluster.StartAsync(1, configure, install: false);
        if (cluster[0].Names is Transport.Names.Cluster.ClusterNames)
        {
            cluster.Install(0);
        }

        return cluster[0];
    }

    /// <summary>What an instrument of the transport measures from now on, or when it is read.</summary>
    private sealed class Measured : IDisposable
    {
        private readonly MeterListener _listener = new();
        private double _sum;
        private int _count;

        public Measured(string instrument)
        {
            _listener.InstrumentPublished = (published, listener) =>
            {
                if (published.Meter.Name == TransportMetrics.MeterName && published.Name == instrument)
                {
                    listener.EnableMeasurementEvents(published);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, value, _, _) => Interlocked.Increment(ref _count));
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _sum += value);
            _listener.SetMeasurementEventCallback<int>((_, value, _, _) => _sum += value);
            _listener.Start();
        }

        public int Count => Volatile.Read(ref _count);

        public double Sum
        {
            get
            {
                _listener.RecordObservableInstruments();
                return _sum;
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
