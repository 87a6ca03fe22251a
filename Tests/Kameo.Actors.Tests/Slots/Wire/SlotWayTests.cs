using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Tests.Slots.Wire;

/// <summary>What a request says of the way it came: an extension of one byte, whose bytes other builds read.</summary>
public sealed class SlotWayTests
{
    /// <summary>A remaining time of 1,000 ms.</summary>
    private const string Time = "01-01-04-00-E8-03-00-00";

    [Theory]
    [InlineData(true, false, "0C-01-01-00-01-00-00-00")]
    [InlineData(false, true, "0C-01-01-00-02-00-00-00")]
    [InlineData(true, true, "0C-01-01-00-03-00-00-00")]
    public void It_has_these_bytes_behind_the_others(bool byRecord, bool isReturned, string expected)
    {
        ulong way = SlotWay.Of(byRecord, isReturned);
        Assert.Equal(expected, BitConverter.ToString(SlotWay.Join([], way).ToArray()));
        ReadOnlySpan<byte> joined = SlotWay.Join(Bytes(Time), way);
        Assert.Equal($"{Time}-{expected}", BitConverter.ToString(joined.ToArray()));

        AssertReads(joined, byRecord, isReturned);
        AssertReads(Bytes(expected), byRecord, isReturned);
        AssertReads(Bytes($"{expected}-{Time}"), byRecord, isReturned);
        Assert.True(ExtensionReader.TryFind(joined, ExtensionTag.RemainingTime, out ReadOnlySpan<byte> time));
        Assert.Equal("E8-03-00-00", BitConverter.ToString(time.ToArray()));
    }

    [Fact]
    public void One_that_goes_straight_to_its_actor_names_the_stay()
    {
        ReadOnlySpan<byte> joined = SlotWay.Join(Bytes(Time), SlotWay.Of(0x01020304u));
        Assert.Equal($"{Time}-0C-02-05-00-04-04-03-02-01-00-00-00-00-00-00-00", BitConverter.ToString(joined.ToArray()));
        SlotWay.Read(joined, out bool byRecord, out bool isReturned, out uint stay);
        Assert.Equal((false, false, 0x01020304u), (byRecord, isReturned, stay));
    }

    [Fact]
    public void The_usual_way_says_nothing()
    {
        byte[] others = Bytes(Time);
        Assert.Equal(0UL, SlotWay.Of(false, false));
        Assert.True(SlotWay.Join(others, 0) == others); // The same memory: nothing is copied.
        Assert.True(SlotWay.Join([], 0).IsEmpty);
        AssertReads(others, false, false);
        AssertReads([], false, false);
    }

    [Fact]
    public void It_is_found_where_it_is_the_first()
    {
        Assert.True(SlotWay.IsFirst(Bytes("0C-01-01-00-02-00-00-00")));
        Assert.True(SlotWay.IsFirst(Bytes($"0C-01-01-00-02-00-00-00-{Time}")));
        Assert.False(SlotWay.IsFirst(Bytes($"{Time}-0C-01-01-00-02-00-00-00")));
        Assert.False(SlotWay.IsFirst(Bytes(Time)));
        Assert.False(SlotWay.IsFirst([]));
    }

    [Theory]
    [InlineData("0C-01-00-00-03-00-00-00")] // No value.
    [InlineData("0C-01-02-00-03-03-00-00")] // Two bytes.
    [InlineData("0C-02-01-00-03-00-00-00-00-00-00-00-00-00-00-00")] // Its words do not match its value.
    [InlineData("0C-00-01-00-03-00-00-00")] // No words.
    [InlineData("0C-01-FF-FF-03-00-00-00")]
    [InlineData("0C-01-01-00-03")]
    [InlineData("0C-01")]
    [InlineData("0C")]
    [InlineData("0D-01-01-00-03-00-00-00")] // Another tag.
    [InlineData("0C-01-01-00-FC-00-00-00")] // What a later version may say beside.
    public void What_is_none_says_nothing(string bytes) => AssertReads(Bytes(bytes), false, false);

    private static void AssertReads(ReadOnlySpan<byte> extensions, bool byRecord, bool isReturned)
    {
        SlotWay.Read(extensions, out bool byRecordRead, out bool isReturnedRead, out uint stay);
        Assert.Equal((byRecord, isReturned, 0u), (byRecordRead, isReturnedRead, stay));
    }

    private static byte[] Bytes(string text) => Convert.FromHexString(text.Replace("-", string.Empty, StringComparison.Ordinal));
}
