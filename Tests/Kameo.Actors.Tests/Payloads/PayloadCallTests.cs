using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Tests.Payloads;

/// <summary>Payloads as arguments, results and members, between nodes and within one: where they lie, whose they are, and that what they lie in goes back.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class PayloadCallTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_arrive_aligned_whatever_their_size(bool isLocal)
    {
        await using var world = await World.StartAsync(isLocal);
        foreach (int length in new[] { 0, 1, 2, 3, 4, 15, 16, 17, 100, 1_000, 4_000, 15_000, 16_300, 16_384, 20_000, 100_000, 2_621_440 })
        {
            for (int shift = 0; shift < 3; shift++)
            {
                await world.Vault.Nothing(); // Moves the place of the next frame in its slab.
                using Payload<float> payload = Payload.Rent<float>(length);
                payload.Span.Fill(0.5f);
                Sight sight = await world.Vault.Look(payload).AsTask().WaitAsync(Deadline);
                Assert.Equal(new Sight(length, length * 0.5, 0), sight);
                Assert.Throws<ObjectDisposedException>(() => payload.Span.Length);
            }
        }

        await world.AllIsBackAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_arrive_aligned_behind_whatever_comes_before(bool isLocal)
    {
        await using var world = await World.StartAsync(isLocal);
        for (int before = 0; before < 40; before++)
        {
            byte[] bytes = [.. Enumerable.Range(0, before * 97).Select(static n => (byte)n)];
            Sight sight = await world.Vault.LookAtBytes(new string('x', before), Payload.Wrap<byte>(bytes)).AsTask().WaitAsync(Deadline);
            Assert.Equal((bytes.Length, (double)bytes.Sum(static one => one), 0), (sight.Length, sight.Sum, isLocal ? 0 : sight.Misalignment));
        }
    }

    [Theory]
    [InlineData(true, 10)]
    [InlineData(false, 10)]
    [InlineData(true, 40_000)]
    [InlineData(false, 40_000)]
    public async Task They_can_be_members_of_messages(bool isLocal, int count)
    {
        await using var world = await World.StartAsync(isLocal);
        Sample[] samples = [.. Enumerable.Range(0, count).Select(static n => new Sample(Guid.NewGuid(), n, -n, (DayOfWeek)(n % 7)))];
        Sight sight = await world.Vault.LookInside(new Parcel("p", Payload.Copy<Sample>(samples), Payload.Copy<long>([1, 2, 3]))).AsTask().WaitAsync(Deadline);
        Assert.Equal((count, samples.Sum(static sample => sample.Value), 0), (sight.Length, sight.Sum, sight.Misalignment));

        Parcel parcel = await world.Vault.Wrap(Payload.Copy<Sample>(samples), Payload.Copy<long>([4, 5])).AsTask().WaitAsync(Deadline);
        Assert.Equal(samples, parcel.First.Span.ToArray());
        Assert.Equal([4, 5], parcel.Second!.Span.ToArray());
        Assert.Equal(0, Address.Misalignment<Sample>(parcel.First.Span) + Address.Misalignment<long>(parcel.Second.Span));
        parcel.First.Dispose();
        parcel.Second.Dispose();

        Assert.Equal(samples.Sum(static sample => sample.Value), (await world.Vault.LookAtMemory(samples).AsTask().WaitAsync(Deadline)).Sum);
        await world.AllIsBackAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Results_belong_to_the_caller(bool isLocal)
    {
        await using var world = await World.StartAsync(isLocal);
        foreach (int count in new[] { 0, 1, 100, 4_000, 5_000, 2_621_440 })
        {
            Payload<int> given = await world.Vault.Give(count).AsTask().WaitAsync(Deadline);
            await world.Vault.Nothing();
            Assert.Equal(count, given.Length);
            Assert.Equal(0, count == 0 ? 0 : Address.Misalignment<int>(given.Span));
            Assert.Equal(Enumerable.Range(0, count), given.Span.ToArray());
            Memory<int> memory = given.Memory;
            Assert.Same(given, given.Detach());
            given.Dispose();
            given.Dispose();
            Assert.Throws<ObjectDisposedException>(() => given.Span.Length);
            Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
            Assert.Throws<ObjectDisposedException>(() => memory.Pin());
            Assert.Throws<ObjectDisposedException>(given.Detach);
        }

        await world.AllIsBackAsync();
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 5)]
    [InlineData(false, 500_000)]
    public async Task An_argument_may_be_the_result(bool isLocal, int length)
    {
        await using var world = await World.StartAsync(isLocal);
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        using Payload<byte>? passed = await world.Vault.Pass(Payload.Copy<byte>(bytes)).AsTask().WaitAsync(Deadline);
        Assert.Equal(bytes, passed!.Span.ToArray());
        Assert.Null(await world.Vault.Pass(null));
        passed.Dispose();
        await world.AllIsBackAsync();
    }

    [Theory]
    [InlineData(true, 100)]
    [InlineData(false, 100)]
    [InlineData(true, 1_000_000)]
    [InlineData(false, 1_000_000)]
    public async Task An_argument_lives_as_long_as_the_turn_unless_it_is_detached(bool isLocal, int length)
    {
        await using var world = await World.StartAsync(isLocal);
        await world.Vault.Forget(Ones(length)).AsTask().WaitAsync(Deadline);
        Assert.Equal("disposed", await world.Vault.UseKept(dispose: false));
        await world.AllIsBackAsync();

        await world.Vault.Detach(Ones(length)).AsTask().WaitAsync(Deadline);
        for (int calls = 0; calls < 20; calls++)
        {
            await world.Vault.Look(Ones(5_000)).AsTask().WaitAsync(Deadline); // Would use its memory if that were free.
        }

        Assert.True(world.Held > 0);
        Assert.Equal($"{length}", await world.Vault.UseKept(dispose: true));
        Assert.Equal("disposed", await world.Vault.UseKept(dispose: true));
        await world.AllIsBackAsync();
    }

    [Theory]
    [InlineData(true, 100)]
    [InlineData(false, 100)]
    [InlineData(true, 1_000_000)]
    [InlineData(false, 1_000_000)]
    public async Task A_call_that_fails_or_is_cancelled_gives_it_back(bool isLocal, int length)
    {
        await using var world = await World.StartAsync(isLocal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Vault.Fail(Ones(length)).AsTask().WaitAsync(Deadline));
        await world.AllIsBackAsync();

        using var cancel = new CancellationTokenSource();
        VaultActor.Waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ValueTask waiting = world.Vault.Wait(Ones(length), cancel.Token);
        await VaultActor.Waits.Task.WaitAsync(Deadline);
        Assert.True(world.Held > 0);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        await world.AllIsBackAsync();

        // Cancelled before it was sent: it stays the caller's.
        using Payload<float> own = Ones(length);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await world.Vault.Wait(own, cancel.Token));
        Assert.Equal(1, own.Span[0]);
        own.Dispose();

        using (await world.Vault.Pass(Payload.Copy<byte>([1])))
        {
            await world.Vault.Tell().Give(length); // Nobody gets the result.
        }

        await world.AllIsBackAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_method_that_runs_as_it_is_enumerated_owns_its_arguments(bool isLocal)
    {
        await using var world = await World.StartAsync(isLocal);
        float sum = 0;
        await foreach (float one in world.Vault.Each(Ones(3_000)))
        {
            sum += one;
        }

        Assert.Equal(3_000, sum);
        await world.AllIsBackAsync();
    }

    [Fact]
    public async Task Many_at_once_stay_apart()
    {
        await using var world = await World.StartAsync(isLocal: false);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async caller =>
        {
            var random = new Random(caller);
            for (int call = 0; call < 60; call++)
            {
                byte[] bytes = new byte[random.Next(0, call % 20 == 19 ? 300_000 : 5_000)];
                random.NextBytes(bytes);
                using Payload<byte>? back = await world.Vault.Pass(Payload.Copy<byte>(bytes)).AsTask().WaitAsync(Deadline);
                Assert.Equal(bytes, back!.Span.ToArray());
                Assert.Equal(0, bytes.Length == 0 ? 0 : Address.Misalignment<byte>(back.Span));
            }
        }));
        await world.AllIsBackAsync();
    }

    private static Payload<float> Ones(int length)
    {
        Payload<float> payload = Payload.Rent<float>(length);
        payload.Span.Fill(1);
        return payload;
    }

    /// <summary>A node with the actor, a caller, and what both hold.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly long _rentedBefore = BlockPool.Rented;
        private readonly TestCluster _cluster;

        private World(TestCluster cluster, bool isLocal)
        {
            _cluster = cluster;
            Vault = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IVault>("v");
        }

        public IVault Vault { get; }

        /// <summary>Blocks and bytes of slabs that are out.</summary>
        public long Held => BlockPool.Rented - _rentedBefore + _cluster.Nodes.Concat(_cluster.Clients).Sum(static node => node.Transport.Slabs.OutstandingBytes + node.Transport.GatheredBytes);

        public static async Task<World> StartAsync(bool isLocal) => new(await TestCluster.StartAsync(nodes: 1, clients: 1), isLocal);

        public Task AllIsBackAsync() => Eventually.TrueAsync(
            () =>
            {
                if (Held == 0)
                {
                    return true;
                }

                foreach (Peer peer in _cluster.Clients[0].Transport.Peers)
                {
                    peer.Connection?.Ping(); // A connection lets go of a slab that nobody else holds at the end of a batch.
                }

                return false;
            },
            "memory to come back");

        public ValueTask DisposeAsync() => _cluster.DisposeAsync();
    }
}
