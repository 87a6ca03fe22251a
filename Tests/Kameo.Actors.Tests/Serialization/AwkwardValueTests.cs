using System.Collections.Concurrent;
using System.Collections.Immutable;
using Kameo.Actors.Serialization;
using Kameo.Actors.Transport.MessagePack;
using static Kameo.Actors.Tests.Serialization.Codec;

namespace Kameo.Actors.Tests.Serialization;

/// <summary>Values that are awkward to encode or to copy: they contain themselves, change meanwhile, or are not what their declared type says.</summary>
public sealed class AwkwardValueTests
{
    [Fact]
    public void A_copy_shares_nothing_mutable()
    {
        int[] inner = [1];
        List<int[]> list = ListFormatter<int[], ArrayFormatter<int, Int32Formatter>>.Copy([inner]);
        Assert.NotSame(inner, list[0]);
        ImmutableList<int[]> immutable = ImmutableListFormatter<int[], ArrayFormatter<int, Int32Formatter>>.Copy([inner]);
        Assert.NotSame(inner, immutable[0]);
        Dictionary<int, int[]> map = DictionaryFormatter<int, Int32Formatter, int[], ArrayFormatter<int, Int32Formatter>>.Copy(new() { [1] = inner });
        Assert.NotSame(inner, map[1]);
        Assert.NotSame(inner, ValueTupleFormatter<int[], ArrayFormatter<int, Int32Formatter>>.Copy(ValueTuple.Create(inner)).Item1);
        Assert.Same(inner, ImmutableFormatter<int[], ArrayFormatter<int, Int32Formatter>>.Copy(inner));
    }

    [Fact]
    public void An_array_of_a_derived_type_is_written_as_one_of_its_base()
    {
        object[] covariant = new string[] { "a", "b" };
        Assert.Equal("92A161A162", Convert.ToHexString(Encode<object[], ArrayFormatter<object, TextOfObjectFormatter>>(covariant)));
    }

    [Fact]
    public void Keys_that_are_unequal_but_of_the_same_order_are_refused_as_damage()
    {
        byte[] bytes = Convert.FromHexString("8201010202");
        Refuses<SortedDictionary<Tied, int>, SortedDictionaryFormatter<Tied, TiedFormatter, int, Int32Formatter>>(bytes);
        Refuses<SortedList<Tied, int>, SortedListFormatter<Tied, TiedFormatter, int, Int32Formatter>>(bytes);
        Refuses<ImmutableSortedDictionary<Tied, int>, ImmutableSortedDictionaryFormatter<Tied, TiedFormatter, int, Int32Formatter>>(bytes);
        Refuses<SortedSet<Tied>, SortedSetFormatter<Tied, TiedFormatter>>("920102");
        Refuses<ImmutableSortedSet<Tied>, ImmutableSortedSetFormatter<Tied, TiedFormatter>>("920102");
    }

    [Fact]
    public async Task A_concurrent_dictionary_may_change_while_it_is_written()
    {
        var map = new ConcurrentDictionary<int, int>(Enumerable.Range(0, 1000).Select(n => KeyValuePair.Create(n, n)));
        using var stop = new CancellationTokenSource();
        using var started = new ManualResetEventSlim();
        Task churn = Task.Run(() =>
        {
            started.Set();
            for (int n = 1000; !stop.IsCancellationRequested; n++)
            {
                map[n] = n;
                map.TryRemove(n - 1, out _);
                map.TryAdd(-n, n);
                map.TryRemove(-n + 50, out _);
            }
        });
        started.Wait();
        Exception? failed = Record.Exception(() =>
        {
            for (int times = 0; times < 1000; times++)
            {
                Encode<ConcurrentDictionary<int, int>, ConcurrentDictionaryFormatter<int, Int32Formatter, int, Int32Formatter>>(map);
                Encode<IDictionary<int, int>, DictionaryInterfaceFormatter<int, Int32Formatter, int, Int32Formatter>>(map);
                Encode<IReadOnlyDictionary<int, int>, ReadOnlyDictionaryInterfaceFormatter<int, Int32Formatter, int, Int32Formatter>>(map);
            }
        });
        await stop.CancelAsync();
        await churn;
        Assert.Null(failed);
    }

    [Fact]
    public void A_copy_of_what_contains_itself_fails_without_ending_the_process()
    {
        Nest nest = new();
        nest.Inner.Add(nest);
        Assert.Throws<InsufficientExecutionStackException>(() => NestFormatter.Copy(nest));
    }

    [Fact]
    public void Nesting_ends_at_the_limit_both_ways()
    {
        Nest inside = new();
        Nest outermost = inside;
        for (int depth = 1; depth < MessagePackWriter.DepthMax; depth++)
        {
            outermost = new Nest { Inner = [outermost] };
        }

        byte[] deepest = Encode<Nest, NestFormatter>(outermost);
        Decode<Nest, NestFormatter>(deepest);
        Assert.Throws<MessagePackException>(() => Encode<Nest, NestFormatter>(new Nest { Inner = [outermost] }));
        Assert.Throws<MessagePackException>(() => Decode<Nest, NestFormatter>([0x91, .. deepest]));
        inside.Inner.Add(outermost);
        Assert.Throws<MessagePackException>(() => Encode<Nest, NestFormatter>(outermost));
    }

    private sealed class Nest
    {
        public List<Nest> Inner { get; init; } = [];
    }

    private readonly struct NestFormatter : IFormatter<Nest>
    {
        public static void Encode(ref MessagePackWriter writer, Nest value) => ListFormatter<Nest, NestFormatter>.Encode(ref writer, value.Inner);

        public static Nest Decode(ref MessagePackReader reader) => new() { Inner = ListFormatter<Nest, NestFormatter>.Decode(ref reader) };

        public static Nest Copy(Nest value) => new() { Inner = ListFormatter<Nest, NestFormatter>.Copy(value.Inner) };
    }

    private readonly record struct Tied(int Number) : IComparable<Tied>
    {
        public int CompareTo(Tied other) => 0;
    }

    private readonly struct TiedFormatter : IFormatter<Tied>
    {
        public static void Encode(ref MessagePackWriter writer, Tied value) => writer.Write(value.Number);

        public static Tied Decode(ref MessagePackReader reader) => new(reader.ReadInt32());

        public static Tied Copy(Tied value) => value;
    }

    private readonly struct TextOfObjectFormatter : IFormatter<object>
    {
        public static void Encode(ref MessagePackWriter writer, object value) => writer.WriteString((string)value);

        public static object Decode(ref MessagePackReader reader) => reader.ReadString()!;

        public static object Copy(object value) => value;
    }
}
