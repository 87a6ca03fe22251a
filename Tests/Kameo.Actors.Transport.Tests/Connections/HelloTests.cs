using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Tests.Connections;

/// <summary>The first frame of each side: what it carries, and what is out of its range.</summary>
public sealed class HelloTests
{
    private static readonly Hello s_plain = new()
    {
        ClusterName = "tests",
        ClusterId = 17,
        Incarnation = 5,
        DialNumber = 6,
        AdvertisedAddress = "here:1",
        FrameBytesMax = 65_536,
        WindowBytes = 1 << 20,
        InternedIdsMax = 7,
        InternedBytesMax = 8,
        StreamsMax = 9,
        StreamWindowBytes = 65_536,
        PayloadBytesMax = 10,
        ApplicationData = new byte[] { 1, 2, 3 },
    };

    [Fact]
    public void What_is_written_is_read()
    {
        Hello read = Hello.Decode(Encode(s_plain));
        Assert.Equal(s_plain with { ApplicationData = default }, read with { ApplicationData = default });
        Assert.Equal(s_plain.ApplicationData.ToArray(), read.ApplicationData.ToArray());
    }

    [Fact]
    public void What_is_too_long_or_out_of_range_is_refused()
    {
        Hello[] wrong =
        [
            s_plain with { ClusterName = new string('c', Hello.TextLengthMax + 1) },
            s_plain with { AdvertisedAddress = new string('a', Hello.TextLengthMax + 1) },
            s_plain with { ApplicationData = new byte[Hello.ApplicationBytesMax + 1] },
            s_plain with { FrameBytesMax = 1023 },
            s_plain with { WindowBytes = 4095 },
            s_plain with { WindowBytes = long.MaxValue },
            s_plain with { InternedIdsMax = -1 },
            s_plain with { InternedBytesMax = -1 },
            s_plain with { StreamsMax = -1 },
            s_plain with { StreamWindowBytes = 4095 },
            s_plain with { StreamWindowBytes = 1L + uint.MaxValue },
            s_plain with { PayloadBytesMax = -1 },
        ];
        Assert.All(wrong, static hello => Assert.Throws<MessagePackException>(() => Hello.Decode(Encode(hello))));
        Hello.Decode(Encode(s_plain with { ClusterName = new string('c', Hello.TextLengthMax), ApplicationData = new byte[Hello.ApplicationBytesMax] }));
    }

    [Fact]
    public void Every_cut_of_it_is_refused()
    {
        byte[] whole = Encode(s_plain);
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<MessagePackException>(() => Hello.Decode(whole.AsSpan(0, length)));
        }
    }

    private static byte[] Encode(Hello hello)
    {
        var scratch = new ScratchBuffer(0, 128 * 1024);
        var writer = new MessagePackWriter(scratch);
        hello.Encode(ref writer);
        return scratch.WrittenSpan.ToArray();
    }
}
