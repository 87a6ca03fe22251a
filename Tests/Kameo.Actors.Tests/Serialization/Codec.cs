using Kameo.Actors.Serialization;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Tests.Serialization;

/// <summary>Formatters without a node: values to bytes and back, and what must hold for both.</summary>
internal static class Codec
{
    public static void Same<T, TFormatter>(params T[] values)
        where TFormatter : struct, IFormatter<T>
    {
        foreach (T value in values)
        {
            Assert.Equal(value, Decode<T, TFormatter>(Encode<T, TFormatter>(value)));
            Assert.Equal(value, TFormatter.Copy(value));
        }
    }

    public static void Sequenced<T, TFormatter>(T values)
        where T : IEnumerable<int>
        where TFormatter : struct, IFormatter<T>
    {
        Assert.Equal(values.ToArray(), Decode<T, TFormatter>(Encode<T, TFormatter>(values)).ToArray());
        Assert.Equal(values.ToArray(), TFormatter.Copy(values).ToArray());
    }

    public static void Nil<T, TFormatter>()
        where TFormatter : struct, IFormatter<T>
    {
        Assert.Equal([0xc0], Encode<T, TFormatter>(default!));
        Assert.Null(Decode<T, TFormatter>([0xc0]));
        Assert.Null(TFormatter.Copy(default!));
    }

    public static void Refuses<T, TFormatter>(string hex)
        where TFormatter : struct, IFormatter<T> => Refuses<T, TFormatter>(Convert.FromHexString(hex));

    public static void Refuses<T, TFormatter>(byte[] bytes, long allocatedMax = long.MaxValue)
        where TFormatter : struct, IFormatter<T>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MessagePackException>(() => Decode<T, TFormatter>(bytes));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < allocatedMax);
    }

    public static byte[] Encode<T, TFormatter>(T value)
        where TFormatter : struct, IFormatter<T>
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            TFormatter.Encode(ref writer, value);
            return scratch.WrittenSpan.ToArray();
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    public static T Decode<T, TFormatter>(byte[] bytes)
        where TFormatter : struct, IFormatter<T>
    {
        var reader = new MessagePackReader(bytes);
        T value = TFormatter.Decode(ref reader);
        Assert.True(reader.IsAtEnd);
        return value;
    }
}
