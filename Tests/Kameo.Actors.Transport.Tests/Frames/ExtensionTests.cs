using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Tests.Frames;

public sealed class ExtensionTests
{
    [Fact]
    public void TheBytesAreTheseOnes()
    {
        Span<byte> room = stackalloc byte[64];
        room.Fill(0xEE);
        var writer = new ExtensionWriter(room);
        Assert.True(writer.TryAppend(ExtensionTag.RemainingTime, 0x0403_0201u));
        Assert.True(writer.TryAppend(ExtensionTag.Caller, [9, 8, 7, 6, 5]));
        Assert.Equal(24, writer.WrittenBytes);
        Assert.Equal(6, writer.HeaderWords);
        Assert.Equal("0101040001020304" + "0302050009080706" + "0500000000000000", Convert.ToHexString(room[..24]));

        var reader = new ExtensionReader(room[..24]);
        Assert.True(reader.TryRead(out ExtensionTag tag, out ReadOnlySpan<byte> value));
        Assert.Equal((ExtensionTag.RemainingTime, 4), (tag, value.Length));
        Assert.True(reader.TryRead(out tag, out value));
        Assert.Equal((ExtensionTag.Caller, "0908070605"), (tag, Convert.ToHexString(value)));
        Assert.False(reader.TryRead(out _, out _));
        Assert.Null(reader.Malformed);
    }

    [Fact]
    public void WhatDoesNotFitIsRefusedAndLeavesNothing()
    {
        var writer = new ExtensionWriter(new byte[24]);
        Assert.True(writer.TryAppend(ExtensionTag.Codec, [1]));
        Assert.False(writer.TryAppend(ExtensionTag.Caller, new byte[13]));
        Assert.Equal(8, writer.WrittenBytes);
        Assert.True(writer.TryAppend(ExtensionTag.Caller, new byte[12]));
        Assert.False(writer.TryAppend(ExtensionTag.Padding, []));
    }

    [Fact]
    public void AHeaderNeverExceedsItsWords()
    {
        var writer = new ExtensionWriter(new byte[4096]);
        Assert.False(writer.TryAppend(ExtensionTag.Padding, new byte[ExtensionWriter.ValueBytesMax + 1]));
        Assert.True(writer.TryAppend(ExtensionTag.Padding, new byte[ExtensionWriter.ValueBytesMax]));
        Assert.Equal(255, writer.HeaderWords);
        Assert.False(writer.TryAppend(ExtensionTag.Padding, []));
    }

    [Fact]
    public void NoBytesWhatsoeverMakeTheReaderThrowOrRunOn()
    {
        var random = new Random(11);
        Span<byte> bytes = stackalloc byte[64];
        for (int round = 0; round < 100_000; round++)
        {
            Span<byte> extensions = bytes[..(random.Next(0, 9) * 8)];
            random.NextBytes(extensions);
            for (int i = 0; i < extensions.Length; i += 8)
                (extensions[i + 1], extensions[i + 2], extensions[i + 3]) = ((byte)random.Next(3), (byte)random.Next(14), 0);
            var reader = new ExtensionReader(extensions);
            int count = 0;
            while (reader.TryRead(out _, out _))
                count++;
            Assert.InRange(count, 0, 8);
        }
    }
}
