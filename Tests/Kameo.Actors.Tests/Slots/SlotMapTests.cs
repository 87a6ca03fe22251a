using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>Who owns a slot is the same on every node, of every version: golden tables. And slots follow weights, states and hosted types, and move only as far as they must.</summary>
public sealed class SlotMapTests
{
    private const int Slots = 4096;

    [Theory]
    [InlineData(new[] { 1, 1, 1 }, "1010020000201202011110121020021112100211", 0xfda5308bu)]
    [InlineData(new[] { 1, 2, 7 }, "2222020222202202212121221222221222121211", 0xb4d3768au)]
    public void The_owners_are_as_ever(int[] weights, string first, uint hash)
    {
        SlotTable table = Table([.. weights.Select(static (weight, index) => Member(index, weight))]);

        int[] owners = [.. Enumerable.Range(0, Slots).Select(slot => IndexOf(table[slot]))];

        Assert.Equal(first, string.Concat(owners.Take(first.Length)));
        Assert.Equal(hash, owners.Aggregate(2166136261u, static (sum, owner) => (sum ^ (uint)owner) * 16777619));
    }

    [Theory]
    [InlineData(0x8000_0000_0000_0000ul, 1ul << 24)]
    [InlineData(0xffff_ffff_ffff_fffful, 1ul)]
    [InlineData(0x4000_0000_0000_0000ul, 2ul << 24)]
    [InlineData(0xb504_f333_f9de_6484ul, 1ul << 23)]
    [InlineData(1ul, 64ul << 24)]
    [InlineData(0ul, 64ul << 24)]
    public void The_logarithm_is_exact_to_its_last_bit(ulong hash, ulong expected) =>
        Assert.InRange(SlotScore.MinusLog2(hash), expected == 0 ? 0 : expected - 1, expected + 1);

    [Fact]
    public void The_logarithm_never_rises_with_the_hash()
    {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            ulong low = (ulong)random.NextInt64();
            ulong high = low + (ulong)random.Next(1, 1 << 30);
            Assert.True(SlotScore.MinusLog2(high) <= SlotScore.MinusLog2(low));
        }
    }

    [Fact]
    public void Slots_follow_weights()
    {
        SlotTable table = Table([Member(0, 1), Member(1, 2), Member(2, 5)]);

        int[] counts = [.. Enumerable.Range(0, 3).Select(member => Enumerable.Range(0, Slots).Count(slot => IndexOf(table[slot]) == member))];

        Assert.InRange(counts[0], Slots / 8 * 0.85, Slots / 8 * 1.15);
        Assert.InRange(counts[1], Slots / 4 * 0.85, Slots / 4 * 1.15);
        Assert.InRange(counts[2], Slots * 5 / 8 * 0.9, Slots * 5 / 8 * 1.1);
    }

    [Fact]
    public void Only_slots_of_the_newcomer_move()
    {
        Member[] members = [.. Enumerable.Range(0, 9).Select(static index => Member(index, 1 + (index % 3)))];
        SlotTable before = Table(members[..8]);
        SlotTable after = Table(members);

        Assert.All(Enumerable.Range(0, Slots).Where(slot => before[slot] != after[slot]), slot => Assert.Equal(8, IndexOf(after[slot])));
        Assert.Contains(Enumerable.Range(0, Slots), slot => before[slot] != after[slot]);
    }

    [Theory]
    [InlineData(MemberState.Joining)]
    [InlineData(MemberState.Leaving)]
    internal void Who_joins_or_leaves_owns_nothing(MemberState state)
    {
        SlotTable table = Table([Member(0, 1), Member(1, 1) with { State = state }, Member(2, 0)]);

        Assert.All(Enumerable.Range(0, Slots), slot => Assert.Equal(0, IndexOf(table[slot])));
    }

    [Fact]
    public void Types_with_the_same_hosts_share_a_table_also_over_views()
    {
        View first = ViewOf(1, Member(0, 1, "a", "b"), Member(1, 1, "a", "b", "c"));
        View second = ViewOf(2, Member(0, 1, "a", "b"), Member(1, 1, "a", "b", "c"), Member(2, 1, "c"));

        SlotMap before = SlotMap.Of(first, Slots);
        SlotMap after = SlotMap.Of(second, Slots, before);

        Assert.Same(before["a"], before["b"]);
        Assert.NotSame(before["a"], before["c"]);
        Assert.Same(before["a"], after["a"]);
        Assert.NotSame(before["c"], after["c"]);
        Assert.True(after["nobody hosts this"][0].IsNone);
    }

    [Fact]
    public void Ranges_are_as_few_as_can_be()
    {
        List<SlotRange> ranges = SlotRange.Of([1, 2, 3, 7, 9, 10]);

        Assert.Equal([new SlotRange(1, 3), new SlotRange(7, 1), new SlotRange(9, 2)], ranges);
        Assert.Equal([1, 2, 3, 7, 9, 10], SlotRange.SlotsOf(ranges));
    }

    internal static Member Member(int index, int weight, params string[] types) => new()
    {
        Id = new MemberId(new PeerId(Enumerable.Range(0, PeerId.Bytes).Select(at => (byte)(index + 1 + (at * 7))).ToArray()), new Incarnation((ulong)index + 1)),
        Address = $"n{index}",
        Weight = weight,
        HostedTypes = types.Length == 0 ? ["a"] : types,
        State = MemberState.Up,
    };

    internal static View ViewOf(long epoch, params Member[] members) => new(new ClusterId(1, 2), epoch, 100, waitsFirst: false, members, [members[0].Id]);

    private static SlotTable Table(Member[] members) => SlotMap.Of(ViewOf(1, members), Slots)["a"];

    private static int IndexOf(MemberId id) => (int)id.Incarnation.Value - 1;
}
