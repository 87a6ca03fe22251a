using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Links.Uring;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>The arithmetic of the shared rings, around the point where the counters wrap.</summary>
public sealed unsafe class UringRingTests
{
    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    [InlineData(uint.MaxValue - 5)]
    public void Submissions_arrive_in_order_and_a_full_ring_takes_none(uint start)
    {
        using var memory = new RingMemory(4, start);
        ulong next = 0;
        ulong expected = 0;
        for (int round = 0; round < 9; round++)
        {
            while (memory.Submissions.TryPush(new SubmissionEntry { UserData = next }))
            {
                next++;
            }

            Assert.Equal(4u, memory.Submissions.PendingCount);
            for (int taken = 0; taken < 1 + (round % 4); taken++)
            {
                Assert.Equal(expected++, memory.Consume().UserData);
            }

            Assert.Equal((uint)(next - expected), memory.Submissions.PendingCount);
        }

        while (memory.Submissions.PendingCount != 0)
        {
            Assert.Equal(expected++, memory.Consume().UserData);
        }

        Assert.Equal(next, expected);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    [InlineData(uint.MaxValue - 5)]
    public void Completions_are_taken_in_order_and_none_from_an_empty_ring(uint start)
    {
        using var memory = new RingMemory(4, start);
        ulong next = 0;
        ulong expected = 0;
        for (int round = 0; round < 9; round++)
        {
            Assert.False(memory.Completions.TryTake(out _));
            for (int put = 0; put < 1 + (round % 4); put++)
            {
                memory.Complete(next++, -round);
            }

            while (memory.Completions.TryTake(out CompletionEntry entry))
            {
                Assert.Equal(expected++, entry.UserData);
                Assert.Equal(-round, entry.Result);
            }

            Assert.Equal(next, expected);
        }
    }

    [Fact]
    public void A_completion_says_which_buffer_and_whether_more_come()
    {
        using var memory = new RingMemory(4, 0);
        memory.Complete(1, 10, (7u << 16) | 1 | 2);
        memory.Complete(2, 0);
        Assert.True(memory.Completions.TryTake(out CompletionEntry with));
        Assert.True(with is { HasBuffer: true, HasMore: true, BufferId: 7 });
        Assert.True(memory.Completions.TryTake(out CompletionEntry without));
        Assert.True(without is { HasBuffer: false, HasMore: false });
    }

    [Fact]
    public void Buffers_are_given_at_their_places_and_the_tail_stays_in_the_first_entry()
    {
        const uint Count = 4;
        byte* memory = (byte*)NativeMemory.AlignedAlloc(Count * BufferRing.EntryBytes, 4_096);
        try
        {
            NativeMemory.Clear(memory, Count * BufferRing.EntryBytes);
            var ring = new BufferRing(memory, Count);
            for (uint given = 1; given <= 70_000; given++) // Past the wrap of the 16-bit tail.
            {
                ring.Give((byte*)(given * 8ul), given, (ushort)given);
                byte* entry = memory + ((given - 1) % Count * BufferRing.EntryBytes);
                Assert.Equal(given * 8ul, Unsafe.Read<ulong>(entry));
                Assert.Equal(given, Unsafe.Read<uint>(entry + 8));
                Assert.Equal((ushort)given, Unsafe.Read<ushort>(entry + 12));
                Assert.Equal((ushort)given, Unsafe.Read<ushort>(memory + 14));
            }
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [Fact]
    public void The_structures_are_as_long_as_the_kernels()
    {
        Assert.Equal(64, sizeof(SubmissionEntry));
        Assert.Equal(16, sizeof(CompletionEntry));
        Assert.Equal(120, sizeof(UringParameters));
        Assert.Equal(40, sizeof(UringOffsets));
    }

    [Fact]
    public void A_tag_holds_its_kind_and_number()
    {
        ulong tag = UringTag.Of(UringTagKind.Writable, int.MaxValue);
        Assert.Equal(UringTagKind.Writable, UringTag.KindOf(tag));
        Assert.Equal(int.MaxValue, UringTag.NumberOf(tag));
    }

    [Fact]
    public void What_the_kernel_must_not_say_is_refused() => Assert.Throws<InvalidOperationException>(static () => UringInvariant.Require(false, "it said so"));
}
