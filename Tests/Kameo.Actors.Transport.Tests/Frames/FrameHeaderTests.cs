using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Tests.Frames;

public sealed class FrameHeaderTests
{
    private static readonly FrameHeader s_header = new()
    {
        Length = 0x0403_0201,
        Kind = FrameKind.Ask,
        Flags = FrameFlags.InTurn,
        HeaderWords = 5,
        HopsLeft = 3,
        Correlation = 0x1817_1615_1413_1211,
        Target = 0x2423_2221,
        Method = 0x3433_3231,
    };

    [Fact]
    public void TheBytesAreTheseOnes()
    {
        var bytes = new byte[FrameHeader.Bytes];
        s_header.Write(bytes);
        Assert.Equal("0102030404020503" + "1112131415161718" + "2122232431323334", Convert.ToHexString(bytes));
        Assert.Equal(s_header, FrameHeader.Read(bytes));

        var body = new byte[FrameHeader.Bytes - 4];
        s_header.WriteBody(body);
        Assert.Equal(bytes[4..], body);
    }

    [Theory]
    [InlineData(FrameKind.Hello, 1)]
    [InlineData(FrameKind.Define, 2)]
    [InlineData(FrameKind.Tell, 3)]
    [InlineData(FrameKind.Ask, 4)]
    [InlineData(FrameKind.Reply, 5)]
    [InlineData(FrameKind.Fault, 6)]
    [InlineData(FrameKind.Cancel, 7)]
    [InlineData(FrameKind.Credit, 8)]
    [InlineData(FrameKind.Pause, 9)]
    [InlineData(FrameKind.Resume, 10)]
    [InlineData(FrameKind.StreamOpen, 11)]
    [InlineData(FrameKind.StreamData, 12)]
    [InlineData(FrameKind.StreamEnd, 13)]
    [InlineData(FrameKind.Flush, 14)]
    [InlineData(FrameKind.Gossip, 15)]
    [InlineData(FrameKind.Ping, 16)]
    [InlineData(FrameKind.Goodbye, 17)]
    internal void TheKindsAreTheseNumbers(FrameKind kind, byte number) => Assert.Equal(number, (byte)kind);

    [Theory]
    [InlineData(0, 24)]
    [InlineData(1, 32)]
    [InlineData(8, 32)]
    public void AFrameTakesUpAMultipleOfEight(int payloadBytes, long paddedBytes) =>
        Assert.Equal(paddedBytes, new FrameHeader(FrameKind.Tell, payloadBytes).PaddedBytes);
}
