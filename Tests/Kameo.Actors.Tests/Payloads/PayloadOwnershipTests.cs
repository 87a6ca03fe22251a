using System.Buffers;
using System.Runtime.CompilerServices;
using Kameo.Actors.Serialization;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Tests.Payloads;

/// <summary>Who holds the memory of a payload, and when it goes back: disposal, pins, wrapped memory, and payloads that were forgotten.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class PayloadOwnershipTests
{
    [Fact]
    public void Rented_memory_is_aligned_and_goes_back_once()
    {
        long before = BlockPool.Rented;
        foreach (int length in new[] { 1, 63, 64, 65, 128, 5_000, 16 * 1024 * 1024, (16 * 1024 * 1024) + 1 })
        {
            Payload<byte> payload = Payload.Rent<byte>(length);
            Assert.Equal((length, length, 0), (payload.Length, payload.Span.Length, Address.Misalignment<byte>(payload.Span)));
            Assert.Equal(before + 1, BlockPool.Rented);
            payload.Dispose();
            payload.Dispose();
            Assert.Equal(before, BlockPool.Rented);
        }

        using Payload<Sample> none = Payload.Rent<Sample>(0);
        Assert.True(none.Span.IsEmpty);
        using MemoryHandle pin = none.Memory.Pin();
        Assert.Throws<ArgumentOutOfRangeException>(() => Payload.Rent<byte>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Payload.Rent<Guid>(int.MaxValue));
    }

    [Fact]
    public void Blocks_are_used_again()
    {
        Payload<int> first = Payload.Rent<int>(1_000);
        ref int place = ref first.Span[0];
        first.Dispose();
        using Payload<int> second = Payload.Rent<int>(900);
        Assert.True(Unsafe.AreSame(ref place, ref second.Span[0]));
    }

    [Fact]
    public void Memory_that_is_pinned_stays_until_it_is_unpinned()
    {
        long before = BlockPool.Rented;
        Payload<int> payload = Payload.Copy<int>([1, 2, 3]);
        MemoryHandle first = payload.Memory.Pin();
        MemoryHandle second = payload.Memory[1..].Pin();
        payload.Dispose();
        Assert.Throws<ObjectDisposedException>(() => payload.Memory);
        Assert.Equal(before + 1, BlockPool.Rented);
        MemoryHandle copy = first;
        first.Dispose();
        copy.Dispose(); // A struct that was copied.
        Assert.Equal(before + 1, BlockPool.Rented);
        second.Dispose();
        Assert.Equal(before, BlockPool.Rented);
    }

    [Fact]
    public void One_that_is_pinned_can_be_sent()
    {
        long before = BlockPool.Rented;
        Payload<int> payload = Payload.Copy<int>([1, 2, 3]);
        MemoryHandle pin = payload.Memory.Pin();
        Payload<int> moved = PayloadFormatter<int, PlainLayout<int>>.Copy(payload);
        Assert.Throws<ObjectDisposedException>(() => payload.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => PayloadFormatter<int, PlainLayout<int>>.Copy(payload));
        payload.Dispose();
        Assert.Equal([1, 2, 3], moved.Span.ToArray());
        moved.Dispose();
        Assert.Equal(before + 1, BlockPool.Rented);
        pin.Dispose();
        Assert.Equal(before, BlockPool.Rented);
    }

    [Fact]
    public void Wrapped_memory_is_used_as_it_is_and_its_owner_disposed_once()
    {
        int[] array = [1, 2, 3];
        using (Payload<int> wrapped = Payload.Wrap(array.AsMemory(1)))
        {
            Assert.True(Unsafe.AreSame(ref array[1], ref wrapped.Span[0]));
            using MemoryHandle pin = wrapped.Memory[1..].Pin();
        }

        var owner = new CountingOwner(array);
        Payload<int> owned = Payload.Wrap(owner, 2);
        Assert.Equal(2, owned.Length);
        Payload<int> moved = PayloadFormatter<int, PlainLayout<int>>.Copy(owned);
        owned.Dispose();
        Assert.Equal(0, owner.Disposals);
        moved.Dispose();
        moved.Dispose();
        Assert.Equal(1, owner.Disposals);
    }

    [Fact]
    public void An_empty_one_of_an_owner_disposes_it_when_it_is_sent()
    {
        var owner = new CountingOwner([]);
        Serialization.Codec.Encode<Payload<int>, PayloadFormatter<int, PlainLayout<int>>>(Payload.Wrap(owner, 0));
        Assert.Equal(1, owner.Disposals);
    }

    [Fact]
    public async Task A_payload_that_is_forgotten_gives_its_slab_up_but_not_back()
    {
        var pool = new SlabPool(1024, keptMax: 4, limitBytes: 1024);
        ForgetAfterSpan(pool);
        Assert.Equal(1024, pool.OutstandingBytes);
        await Eventually.TrueAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return pool.OutstandingBytes == 0;
            },
            "the finalizer");
        Assert.Equal(0, pool.Kept); // Somebody may still have a span of it.
    }

    [Fact]
    public void A_slab_that_was_given_up_is_not_written_by_its_lender_again()
    {
        var pool = new SlabPool(1024, keptMax: 4, limitBytes: 1024);
        Slab slab = pool.Rent();
        slab.Lend();
        slab.Abandon();
        Assert.False(slab.IsUnshared);
        slab.EndLending();
        Assert.Equal((0L, 0), (pool.OutstandingBytes, pool.Kept));
    }

    [Fact]
    public void Disposing_after_the_finalizer_of_its_guard_releases_nothing_twice()
    {
        var pool = new SlabPool(1024, keptMax: 4, limitBytes: 1024);
        Slab slab = pool.Rent();
        var guard = new global::Kameo.Actors.Payloads.PayloadGuard(slab);
        Assert.True(guard.TryDisarm());
        Assert.False(guard.TryDisarm());
        Assert.Equal(1, slab.References);
        slab.Release();
    }

    [Fact]
    public async Task Disposing_pinning_and_detaching_at_once_never_loses_or_doubles_a_reference()
    {
        var pool = new SlabPool(1024, keptMax: 4, limitBytes: 1024);
        for (int round = 0; round < 500; round++)
        {
            Slab slab = pool.Rent();
            slab.Retain();
            Payload<int> payload = Payload<int>.Of(slab, 0, 16);
            using var start = new Barrier(2);
            Task[] tasks =
            [
                Run(start, () => (round % 2 == 0 ? payload.Dispose : (Action)((IDecodedPayload)payload).EndMessage)()),
                Run(start, () =>
                {
                    using MemoryHandle pin = payload.Memory.Pin();
                    payload.Detach().Dispose();
                }),
            ];
            await Task.WhenAll(tasks);
            Assert.Equal(1, slab.References);
            slab.Release();
        }

        static Task Run(Barrier start, Action act) => Task.Run(() =>
        {
            start.SignalAndWait();
            try
            {
                act();
            }
            catch (ObjectDisposedException)
            {
                // It came too late.
            }
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetAfterSpan(SlabPool pool) => Payload<int>.OwnedBy(pool.Rent(), 0, 4).Span.Fill(7);

    private sealed class CountingOwner(int[] array) : IMemoryOwner<int>
    {
        public int Disposals { get; private set; }

        public Memory<int> Memory => array;

        public void Dispose() => Disposals++;
    }
}
