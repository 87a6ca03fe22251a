using System.Buffers;
using System.Runtime.InteropServices;
using Kameo.Actors.Serialization;
using Kameo.Actors.Testing;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Tests.Payloads;

/// <summary>What is not copied, and what is not allocated.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class PayloadCopyTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(12 * 1024, 500, 1024)]
    [InlineData(60 * 1024, 200, 4 * 1024)]
    [InlineData(10 * 1024 * 1024, 6, 512 * 1024)]
    public async Task A_payload_costs_no_allocation_of_its_size(int bytes, int calls, long allocatedMax)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IVault vault = cluster.Clients[0].Get<IVault>("v");
        long least = long.MaxValue;
        for (int round = 0; round < 4; round++)
        {
            long before = GC.GetTotalAllocatedBytes();
            for (int call = 0; call < calls; call++)
            {
                using Payload<byte>? back = await vault.Pass(Payload.Rent<byte>(bytes)).AsTask().WaitAsync(Deadline);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
        }

        Assert.True(least / calls < allocatedMax, $"{least / calls} bytes for a payload of {bytes} there and back");
    }

    [Theory]
    [InlineData(16 * 1024, false)]
    [InlineData((16 * 1024) + 4, true)]
    [InlineData(4 * 1024 * 1024, true)]
    public void One_that_is_too_large_for_a_frame_is_sent_from_where_it_is(int bytes, bool isAttached)
    {
        int[] array = new int[bytes / sizeof(int)];
        var scratch = new ScratchBuffer(0, int.MaxValue);
        scratch.SendTo(null, 16 * 1024);
        var writer = new MessagePackWriter(scratch);
        PayloadFormatter<int, PlainLayout<int>>.Encode(ref writer, Payload.Wrap<int>(array));
        Assert.Equal(isAttached, scratch.Attached is not null);
        if (isAttached)
        {
            AttachedBytes.Part part = Assert.Single(scratch.Attached!.Take());
            Assert.True(part.Bytes.Span.Overlaps(MemoryMarshal.AsBytes(array.AsSpan())));
            Assert.Equal((bytes, 32), (part.Bytes.Length, scratch.WrittenBytes));
        }
    }

    [Fact]
    public async Task What_is_only_lent_is_copied_before_the_call_returns_and_no_code_of_its_owner_runs_later()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IVault vault = cluster.Clients[0].Get<IVault>("v");
        var memory = new LookedAt(4 * 1024 * 1024);
        ValueTask<Sight> looked = vault.LookAtBytes("t", Payload.Wrap(memory, memory.Length));
        Assert.InRange(memory.Looks, 1, 4);
        await memory.Disposed.Task.WaitAsync(Deadline);
        memory.GetSpan().Clear();
        Assert.Equal(memory.Length, (await looked.AsTask().WaitAsync(Deadline)).Sum);
        Assert.InRange(memory.Looks, 1, 5);

        var lent = new LookedAt(4 * 1024 * 1024);
        ValueTask<int> measured = vault.Measure(lent.Memory);
        Assert.InRange(lent.Looks, 1, 4);
        lent.GetSpan().Clear();
        Assert.Equal(lent.Length, await measured.AsTask().WaitAsync(Deadline));
        Assert.InRange(lent.Looks, 1, 5);
    }

    [Fact]
    public async Task Arrays_and_owners_of_arrays_are_released_when_they_were_sent()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IVault vault = cluster.Clients[0].Get<IVault>("v");
        var owner = new ArrayOwner(new byte[3_000_000]);
        owner.Memory.Span.Fill(2);
        Assert.Equal(6_000_000, (await vault.LookAtBytes("t", Payload.Wrap(owner, 3_000_000)).AsTask().WaitAsync(Deadline)).Sum);
        await owner.Disposed.Task.WaitAsync(Deadline);

        var throwing = new ArrayOwner(new byte[10], new InvalidOperationException("on disposal"));
        Assert.Equal(0, (await vault.LookAtBytes("t", Payload.Wrap(throwing, 10)).AsTask().WaitAsync(Deadline)).Sum);
        await throwing.Disposed.Task.WaitAsync(Deadline);
    }

    [Fact]
    public async Task On_a_call_within_a_node_the_memory_itself_passes_and_memory_that_is_lent_is_copied()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        IVault vault = cluster.Nodes[0].Get<IVault>("v");
        byte[] array = [1, 2, 3];
        using Payload<byte>? back = await vault.Pass(Payload.Wrap<byte>(array));
        Assert.True(back!.Span.Overlaps(array));

        Memory<byte> kept = array;
        Assert.False((await vault.PassMemory(kept)).Span.Overlaps(array));
    }

    [Fact]
    public async Task A_large_payload_that_cannot_be_sent_is_given_back()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1, options => options.Limits = new() { PayloadBytesMax = 2 * 1024 * 1024 });
        IVault vault = cluster.Clients[0].Get<IVault>("v");
        var memory = new ArrayOwner(new byte[4 * 1024 * 1024]);
        await Assert.ThrowsAnyAsync<Exception>(() => vault.LookAtBytes("t", Payload.Wrap(memory, memory.Memory.Length)).AsTask().WaitAsync(Deadline));
        await memory.Disposed.Task.WaitAsync(Deadline);

        await Assert.ThrowsAsync<ActorCallException>(() => vault.Give(1024 * 1024).AsTask().WaitAsync(Deadline));
        await vault.Nothing();

        var cut = new ArrayOwner(new byte[(2 * 1024 * 1024) - 64]);
        Task<Sight> lost = vault.LookAtBytes("t", Payload.Wrap(cut, cut.Memory.Length)).AsTask();
        await cluster.StopAsync(cluster.Nodes[0]);
        await Record.ExceptionAsync(() => lost.WaitAsync(Deadline));
        await cut.Disposed.Task.WaitAsync(Deadline);
    }

    private sealed class ArrayOwner(byte[] bytes, Exception? thrown = null) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory => bytes;

        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            Disposed.SetResult();
            if (thrown is not null)
            {
                throw thrown;
            }
        }
    }

    /// <summary>Memory that counts who looks at it.</summary>
    private sealed class LookedAt : MemoryManager<byte>
    {
        private readonly byte[] _bytes;
        private int _looks;

        public LookedAt(int length)
        {
            _bytes = new byte[length];
            _bytes.AsSpan().Fill(1);
        }

        public int Length => _bytes.Length;

        public int Looks => Volatile.Read(ref _looks);

        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Span<byte> GetSpan()
        {
            Interlocked.Increment(ref _looks);
            return _bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing) => Disposed.SetResult();
    }
}
