using Kameo.Actors.Serialization;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using static Kameo.Actors.Tests.Serialization.Codec;

namespace Kameo.Actors.Tests.Payloads;

/// <summary>Blocks of values on the wire: their bytes, where they are read, and what is no such block. In the collection that runs alone: the pool of blocks is the process's.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class ValueBlockTests
{
    private const string Three = "C9-00-00-00-1E-10-04-00-17-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-01-00-00-00";

    [Fact]
    public void The_bytes_on_the_wire_do_not_change()
    {
        Assert.Equal(Three, BitConverter.ToString(Encode<ReadOnlyMemory<int>, ReadOnlyValueMemoryFormatter<int, PlainLayout<int>>>(new[] { 1 })));
        Assert.Equal(Three, BitConverter.ToString(Encode<Payload<int>, PayloadFormatter<int, PlainLayout<int>>>(Payload.Copy<int>([1]))));
        Assert.Equal([1], Decode<ReadOnlyMemory<int>, ReadOnlyValueMemoryFormatter<int, PlainLayout<int>>>(Bytes(Three)).ToArray());
        Assert.Equal([1, 2], Decode<Memory<int>, ValueMemoryFormatter<int, PlainLayout<int>>>(Encode<Memory<int>, ValueMemoryFormatter<int, PlainLayout<int>>>(new[] { 1, 2 })).ToArray());
        Assert.Equal("C0", BitConverter.ToString(Encode<Payload<int>, PayloadFormatter<int, PlainLayout<int>>>(null!)));
        Assert.Null(Decode<Payload<int>, PayloadFormatter<int, PlainLayout<int>>>([0xc0]));
    }

    [Fact]
    public void They_start_at_a_multiple_of_16_from_the_start_of_the_message()
    {
        for (int before = 0; before < 64; before++)
        {
            int start = before + ValueBlock.ExtensionHeaderBytes + ValueBlock.HeadBytes + ValueBlock.PaddingAt(before);
            Assert.Equal(0, start % 16);
            Assert.InRange(ValueBlock.PaddingAt(before), 8, 23);
        }
    }

    [Theory]
    [InlineData("C0")]
    [InlineData("C4-04-01-00-00-00")]
    [InlineData("91-01")]
    [InlineData("C7-07-11-04-00-00-01-00-00-00")]
    [InlineData("C7-02-10-04-00")]
    [InlineData("C7-07-10-08-00-00-01-00-00-00")]
    [InlineData("C7-07-10-00-00-00-01-00-00-00")]
    [InlineData("C7-06-10-04-00-00-01-00-00")]
    [InlineData("C7-07-10-04-00-05-01-00-00-00")]
    [InlineData("C7-07-10-04-00-FF-01-00-00-00")]
    [InlineData("C9-7F-FF-FF-FF-10-04-00-00-01-00-00-00")]
    [InlineData("C9-FF-FF-FF-FF-10-04-00-00-01-00-00-00")]
    public void What_is_no_block_of_such_values_is_refused_before_anything_is_allocated(string hex)
    {
        long rented = BlockPool.Rented;
        if (hex != "C0")
        {
            Refuses<Payload<int>, PayloadFormatter<int, PlainLayout<int>>>(Bytes(hex), allocatedMax: 64 * 1024);
        }

        Refuses<ReadOnlyMemory<int>, ReadOnlyValueMemoryFormatter<int, PlainLayout<int>>>(Bytes(hex), allocatedMax: 64 * 1024);
        Assert.Equal(rented, BlockPool.Rented);
    }

    [Theory]
    [InlineData(0, 0, 8, true)]
    [InlineData(0, 0, 23, true)]
    [InlineData(8, 8, 8, true)]
    [InlineData(8, 0, 8, true)]
    [InlineData(3, 0, 15, true)]
    [InlineData(3, 0, 2, false)]
    [InlineData(8, 0, 7, false)]
    [InlineData(0, 9, 0, false)]
    public void They_are_left_where_they_are_or_moved_over_their_padding_or_copied(int shift, int more, int padding, bool isInPlace)
    {
        // A message by hand: the values start at shift, modulo 16, in the slab.
        var pool = new SlabPool(1024, keptMax: 1, limitBytes: 1024);
        Slab slab = pool.Rent();
        int start = 256 + shift + more;
        byte[] head = [0xc9, 0, 0, 0, (byte)(3 + padding + 12), 16, 4, 0, (byte)padding, .. new byte[padding]];
        Span<byte> message = slab.Span.Slice(start - head.Length, head.Length + 12);
        head.CopyTo(message);
        for (int index = 0; index < 12; index++)
        {
            message[head.Length + index] = (byte)(index + 1);
        }

        slab.Span[start - head.Length - 1] = 0x55;
        slab.Span[start + 12] = 0x55;
        var reader = new MessagePackReader(message, null, slab);
        Payload<int> payload = PayloadFormatter<int, PlainLayout<int>>.Decode(ref reader);
        Assert.True(reader.IsAtEnd);
        Assert.Same(payload, reader.Payloads);
        Assert.Equal(isInPlace ? 2 : 1, slab.References);
        Assert.Equal(isInPlace, slab.Span.Overlaps(System.Runtime.InteropServices.MemoryMarshal.AsBytes(payload.Span)));
        Assert.Equal(0, Address.Misalignment<int>(payload.Span));
        Assert.Equal([0x04030201, 0x08070605, 0x0c0b0a09], payload.Span.ToArray());
        Assert.Equal((0x55, 0x55), (slab.Span[start - head.Length - 1], slab.Span[start + 12]));
        ((IDecodedPayload)payload).EndMessage();
        Assert.Equal(1, slab.References);
    }

    [Fact]
    public void Cutting_or_changing_any_byte_gives_values_or_a_refusal()
    {
        byte[] sent = Encode<Payload<long>, PayloadFormatter<long, PlainLayout<long>>>(Payload.Copy<long>([1, 2, 3]));
        var random = new Random(3);
        for (int round = 0; round < 5_000; round++)
        {
            byte[] damaged = sent[..random.Next(sent.Length + 1)];
            if (damaged.Length != 0)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                var reader = new MessagePackReader(damaged);
                PayloadFormatter<long, PlainLayout<long>>.Decode(ref reader)?.Dispose();
            }
            catch (MessagePackException)
            {
                // As it should be.
            }
        }
    }

    [Fact]
    public void A_type_that_is_not_laid_out_as_was_found_is_refused()
    {
        Assert.Throws<NotSupportedException>(() => Encode<Payload<Sample>, PayloadFormatter<Sample, OfFour>>(Payload.Rent<Sample>(1)));
        Assert.Throws<NotSupportedException>(() => Encode<Payload<Auto>, PayloadFormatter<Auto, OfFour>>(Payload.Rent<Auto>(1)));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace("-", string.Empty, StringComparison.Ordinal));

    private readonly struct OfFour : IValueLayout
    {
        public static int Bytes => 4;
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    private readonly record struct Auto(int Number);
}
