using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Numerics;
using Kameo.Actors.Serialization;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;
using static Kameo.Actors.Tests.Serialization.Codec;

namespace Kameo.Actors.Tests.Serialization;

/// <summary>The formatters alone: bytes, nil, limits, and what they refuse.</summary>
public sealed class FormatterTests
{
    [Fact]
    public void Numbers_and_times_round_trip_at_their_ends()
    {
        Same<Int128, Int128Formatter>(Int128.MinValue, Int128.MaxValue, -1);
        Same<UInt128, UInt128Formatter>(0, UInt128.MaxValue);
        Same<decimal, DecimalFormatter>(decimal.MinValue, decimal.MaxValue, 0.0000000000000000000000000001m, -7.9228162514264337593543950335m);
        Same<BigInteger, BigIntegerFormatter>(0, -1, BigInteger.Pow(2, (8 * 4096) - 1) - 1, -BigInteger.Pow(2, (8 * 4096) - 1));
        Same<Half, HalfFormatter>(Half.MinValue, Half.Epsilon, Half.NaN, Half.NegativeInfinity);
        Same<char, CharFormatter>('\0', '\uffff', '\ud800');
        Same<Guid, GuidFormatter>(Guid.Empty, Guid.NewGuid());
        Same<PeerId, PeerIdFormatter>(default, new PeerId(Enumerable.Range(0, 32).Select(b => (byte)b).ToArray()));
        Same<DateTime, DateTimeFormatter>(DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc), DateTime.UnixEpoch.AddTicks(-1));
        Same<DateTimeOffset, DateTimeOffsetFormatter>(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(14)), new(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(-14)));
        Same<TimeSpan, TimeSpanFormatter>(TimeSpan.MinValue, TimeSpan.MaxValue);
        Same<DateOnly, DateOnlyFormatter>(DateOnly.MinValue, DateOnly.MaxValue);
        Same<TimeOnly, TimeOnlyFormatter>(TimeOnly.MinValue, TimeOnly.MaxValue);
        Assert.Equal(DateTimeKind.Utc, Decode<DateTime, DateTimeFormatter>(Encode<DateTime, DateTimeFormatter>(new DateTime(2026, 1, 1))).Kind);
    }

    [Fact]
    public void Enumerations_keep_width_and_sign()
    {
        Same<I8, EnumFormatter<I8>>(I8.Low, I8.High);
        Same<U8, EnumFormatter<U8>>(U8.High);
        Same<I16, EnumFormatter<I16>>(I16.Low, I16.High);
        Same<U16, EnumFormatter<U16>>(U16.High);
        Same<I32, EnumFormatter<I32>>(I32.Low, I32.High);
        Same<U32, EnumFormatter<U32>>(U32.High);
        Same<I64, EnumFormatter<I64>>(I64.Low, I64.High);
        Same<U64, EnumFormatter<U64>>(U64.High);
        Assert.Equal("D080", Convert.ToHexString(Encode<I8, EnumFormatter<I8>>(I8.Low)));
        Assert.Equal("CCFF", Convert.ToHexString(Encode<U8, EnumFormatter<U8>>(U8.High)));
        Refuses<U8, EnumFormatter<U8>>("CD0100");
        Refuses<I8, EnumFormatter<I8>>("CC80");
    }

    [Fact]
    public void Null_is_nil()
    {
        Nil<string, StringFormatter>();
        Nil<Uri, UriFormatter>();
        Nil<Version, VersionFormatter>();
        Nil<byte[], ByteArrayFormatter>();
        Nil<int?, NullableFormatter<int, Int32Formatter>>();
        Nil<int[], ArrayFormatter<int, Int32Formatter>>();
        Nil<List<int>, ListFormatter<int, Int32Formatter>>();
        Nil<HashSet<int>, HashSetFormatter<int, Int32Formatter>>();
        Nil<Stack<int>, StackFormatter<int, Int32Formatter>>();
        Nil<IEnumerable<int>, EnumerableInterfaceFormatter<int, Int32Formatter>>();
        Nil<ImmutableList<int>, ImmutableListFormatter<int, Int32Formatter>>();
        Nil<ImmutableStack<int>, ImmutableStackFormatter<int, Int32Formatter>>();
        Nil<ImmutableQueue<int>, ImmutableQueueFormatter<int, Int32Formatter>>();
        Nil<Dictionary<int, int>, DictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>();
        Nil<ConcurrentDictionary<int, int>, ConcurrentDictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>();
        Nil<ReadOnlyDictionary<int, int>, ReadOnlyDictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>();
        Nil<Tuple<int>, TupleFormatter<int, Int32Formatter>>();
        Assert.True(Decode<ImmutableArray<int>, ImmutableArrayFormatter<int, Int32Formatter>>(Encode<ImmutableArray<int>, ImmutableArrayFormatter<int, Int32Formatter>>(default)).IsDefault);
    }

    [Fact]
    public void Order_is_kept()
    {
        Sequenced<Stack<int>, StackFormatter<int, Int32Formatter>>(new([1, 2, 3]));
        Sequenced<Queue<int>, QueueFormatter<int, Int32Formatter>>(new([1, 2, 3]));
        Sequenced<ImmutableStack<int>, ImmutableStackFormatter<int, Int32Formatter>>([1, 2, 3]);
        Sequenced<ImmutableQueue<int>, ImmutableQueueFormatter<int, Int32Formatter>>([1, 2, 3]);
        Sequenced<LinkedList<int>, LinkedListFormatter<int, Int32Formatter>>(new([3, 1, 2]));
        Sequenced<IEnumerable<int>, EnumerableInterfaceFormatter<int, Int32Formatter>>(Enumerable.Range(0, 5).Where(n => n != 2));
    }

    [Theory]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(100_000)]
    public void Many_elements_arrive(int count)
    {
        int[] many = [.. Enumerable.Range(0, count)];
        Assert.Equal(many, Decode<int[], ArrayFormatter<int, Int32Formatter>>(Encode<int[], ArrayFormatter<int, Int32Formatter>>(many)));
        Assert.Equal(many, Decode<List<int>, ListFormatter<int, Int32Formatter>>(Encode<List<int>, ListFormatter<int, Int32Formatter>>([.. many])));
        Dictionary<int, int> map = many.ToDictionary(n => n);
        Assert.Equal(map, Decode<Dictionary<int, int>, DictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>(Encode<Dictionary<int, int>, DictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>(map)));
    }

    [Fact]
    public void A_count_of_many_does_not_allocate_before_its_elements_are_read()
    {
        // 4 Mi elements of 16 bytes claimed, the first of them damaged.
        byte[] bytes = new byte[5 + (4 << 20)];
        bytes[0] = 0xdd;
        bytes[2] = 0x40;
        bytes[5] = 0xc1;
        Refuses<Int128[], ArrayFormatter<Int128, Int128Formatter>>(bytes, 128 * 1024);
        Refuses<List<Int128>, ListFormatter<Int128, Int128Formatter>>(bytes, 128 * 1024);
        Refuses<HashSet<Int128>, HashSetFormatter<Int128, Int128Formatter>>(bytes, 128 * 1024);
        bytes[0] = 0xdf;
        bytes[2] = 0x20;
        Refuses<Dictionary<Int128, Int128>, DictionaryFormatter<Int128, Int128Formatter, Int128, Int128Formatter>>(bytes, 128 * 1024);
    }

    [Theory]
    [InlineData("8201010102")]
    [InlineData("820102CC0103")]
    public void A_key_that_comes_twice_is_refused(string hex)
    {
        Refuses<Dictionary<int, int>, DictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>(hex);
        Refuses<SortedDictionary<int, int>, SortedDictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>(hex);
        Refuses<ConcurrentDictionary<int, int>, ConcurrentDictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>(hex);
        Refuses<ImmutableDictionary<int, int>, ImmutableDictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>(hex);
        Refuses<IReadOnlyDictionary<int, int>, ReadOnlyDictionaryInterfaceFormatter<int, Int32Formatter, int, Int32Formatter>>(hex);
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        Refuses<Dictionary<string, int>, DictionaryFormatter<string, StringFormatter, int, Int32Formatter>>("81C001");
        Refuses<Guid, GuidFormatter>("A0");
        Refuses<Guid, GuidFormatter>("C0");
        Refuses<Guid, GuidFormatter>("D924" + Convert.ToHexString("{0123456789abcdef0123456789abcdef}  "u8));
        Refuses<decimal, DecimalFormatter>("A3" + Convert.ToHexString("abc"u8));
        Refuses<decimal, DecimalFormatter>("AB" + Convert.ToHexString("1e999999999"u8));
        Refuses<decimal, DecimalFormatter>("A2C328");
        Refuses<Int128, Int128Formatter>("C40100");
        Refuses<Version, VersionFormatter>("A178");
        Refuses<PeerId, PeerIdFormatter>("C0");
        Refuses<PeerId, PeerIdFormatter>("C40100");
        Refuses<DateOnly, DateOnlyFormatter>("FF");
        Refuses<DateOnly, DateOnlyFormatter>("CE7FFFFFFF");
        Refuses<TimeOnly, TimeOnlyFormatter>("FF");
        Refuses<TimeOnly, TimeOnlyFormatter>("CF7FFFFFFFFFFFFFFF");
        Refuses<DateTime, DateTimeFormatter>("C70CFF000000007FFFFFFFFFFFFFFF");
        Refuses<DateTime, DateTimeFormatter>("C70CFF000000008000000000000000");
        Refuses<DateTimeOffset, DateTimeOffsetFormatter>("92D6FF00000000CD7FFF");
        Refuses<DateTimeOffset, DateTimeOffsetFormatter>("91D6FF00000000");
        Refuses<BigInteger, BigIntegerFormatter>("C51001" + new string('0', 2 * 4097));
        Assert.Throws<MessagePackException>(() => Encode<BigInteger, BigIntegerFormatter>(BigInteger.Pow(2, 8 * 4096)));
    }

    [Fact]
    public void Tuples_skip_what_is_more_and_default_what_is_missing()
    {
        Assert.Equal((1, "b"), Decode<(int, string), ValueTupleFormatter<int, Int32Formatter, string, StringFormatter>>(Convert.FromHexString("9401A1629101C0")));
        Assert.Equal((1, null!), Decode<(int, string), ValueTupleFormatter<int, Int32Formatter, string, StringFormatter>>(Convert.FromHexString("9101")));
        Assert.Equal((0, null!), Decode<(int, string), ValueTupleFormatter<int, Int32Formatter, string, StringFormatter>>(Convert.FromHexString("90")));
        Assert.Equal(Tuple.Create(1, "b"), Decode<Tuple<int, string>, TupleFormatter<int, Int32Formatter, string, StringFormatter>>(Convert.FromHexString("9401A1629101C0")));
        Assert.Equal(Tuple.Create(1, (string)null!), Decode<Tuple<int, string>, TupleFormatter<int, Int32Formatter, string, StringFormatter>>(Convert.FromHexString("9101")));
    }

    private enum I8 : sbyte { Low = sbyte.MinValue, High = sbyte.MaxValue }

    private enum U8 : byte { High = byte.MaxValue }

    private enum I16 : short { Low = short.MinValue, High = short.MaxValue }

    private enum U16 : ushort { High = ushort.MaxValue }

    private enum I32 { Low = int.MinValue, High = int.MaxValue }

    private enum U32 : uint { High = uint.MaxValue }

    private enum I64 : long { Low = long.MinValue, High = long.MaxValue }

    private enum U64 : ulong { High = ulong.MaxValue }
}
