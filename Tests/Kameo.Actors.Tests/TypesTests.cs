using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Numerics;
using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests;

/// <summary>Every built-in formatter through a real call: encoded, sent, decoded, and back; and copied on a local call.</summary>
public sealed class TypesTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_type_of_dotnet_that_messages_are_made_of_arrives_as_it_was(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IMirror mirror = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IMirror>(Guid.Empty, "x");
        Scalars scalars = new(
            true, byte.MaxValue, sbyte.MinValue, short.MinValue, ushort.MaxValue, int.MinValue, uint.MaxValue, long.MinValue, ulong.MaxValue, Int128.MinValue, UInt128.MaxValue, (Half)1.5, 1.25f, double.Epsilon,
            decimal.MaxValue, '\u20ac', "text \U0001f600", Guid.NewGuid(), new DateTime(1, 1, 2, 3, 4, 5, DateTimeKind.Utc), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-90)), DateOnly.MaxValue,
            TimeOnly.MaxValue, TimeSpan.MinValue, new Uri("https://example.org/a?b=c"), new Version(1, 2, 3, 4), BigInteger.Pow(-7, 99), DayOfWeek.Friday, null, 5);
        Assert.Equivalent(scalars, await mirror.OfScalars(scalars), strict: true);
        Assert.Equal(scalars, await mirror.OfScalars(scalars));

        Collections some = new(
            [1, 2, 3], [[1], [], [2, 3]], ["a", "b"], ["x"], [3, 1, 2], new Queue<int>([1, 2]), new Stack<int>([1, 2, 3]), new LinkedList<int>([4, 5]), [6L, 7L], ["set"], [1, 2], [3], new HashSet<int> { 9 },
            ImmutableArray.Create(1, 2), [1.5, 2.5], ["f"], new Dictionary<string, List<int>> { ["k"] = [1, 2] }, new SortedDictionary<int, string> { [1] = "one" }, new Dictionary<Guid, int?> { [Guid.Empty] = null },
            ImmutableDictionary<int, int>.Empty.Add(1, 2), new Dictionary<string, int> { ["z"] = 26 }.ToFrozenDictionary(), (1, "two", 3.0), Tuple.Create(1, "two"), new KeyValuePair<int, string>(1, "v"),
            new byte[] { 1, 2 }, new ReadOnlyMemory<int>([7, 8]));
        Collections back = await mirror.OfCollections(some);
        Assert.Equal(some.Numbers, back.Numbers);
        Assert.Equal(some.Jagged, back.Jagged);
        Assert.Equal(some.Set.Order(), back.Set.Order());
        Assert.Equal(some.Stack, back.Stack);
        Assert.Equal(some.Queue, back.Queue);
        Assert.Equal(some.Linked, back.Linked);
        Assert.Equal(some.Immutable.ToArray(), back.Immutable.ToArray());
        Assert.Equal(some.Lists["k"], back.Lists["k"]);
        Assert.Equal(some.Frozen["z"], back.Frozen["z"]);
        Assert.Equal(some.Bytes.ToArray(), back.Bytes.ToArray());
        Assert.Equal(some.Memory.ToArray(), back.Memory.ToArray());
        Assert.Equal((some.Tuple, some.Old, some.Pair), (back.Tuple, back.Old, back.Pair));
        Assert.NotSame(some.Numbers, back.Numbers);
        Assert.NotSame(some.Lists, back.Lists);
        Assert.Null(await mirror.OfNothing(null));
    }

    public sealed class MirrorActor : Actor, IMirror
    {
        public ValueTask<Scalars> OfScalars(Scalars scalars) => new(scalars);

        public Task<Collections> OfCollections(Collections collections) => Task.FromResult(collections);

        public Task<Collections?> OfNothing(Collections? nothing) => Task.FromResult(nothing);
    }
}

public interface IMirror : IGrainWithGuidCompoundKey
{
    ValueTask<Scalars> OfScalars(Scalars scalars);

    Task<Collections> OfCollections(Collections collections);

    Task<Collections?> OfNothing(Collections? nothing);
}

public sealed record Scalars(
    bool A, byte B, sbyte C, short D, ushort E, int F, uint G, long H, ulong I, Int128 J, UInt128 K, Half L, float M, double N, decimal O, char P, string Q, Guid R, DateTime S, DateTimeOffset T, DateOnly U, TimeOnly V, TimeSpan W,
    Uri X, Version Y, BigInteger Z, DayOfWeek Day, int? Missing, long? Present);

public sealed record Collections(
    int[] Numbers, int[][] Jagged, List<string> List, HashSet<string> Set, SortedSet<int> Sorted, Queue<int> Queue, Stack<int> Stack, LinkedList<int> Linked, IEnumerable<long> Many, ICollection<string> Some, IList<int> Ordered,
    IReadOnlyList<int> ReadOnly, ISet<int> ISet, ImmutableArray<int> Immutable, ImmutableList<double> ImmutableList, ImmutableHashSet<string> ImmutableSet, Dictionary<string, List<int>> Lists, SortedDictionary<int, string> SortedMap,
    IReadOnlyDictionary<Guid, int?> ReadOnlyMap, ImmutableDictionary<int, int> ImmutableMap, FrozenDictionary<string, int> Frozen, (int, string, double) Tuple, Tuple<int, string> Old, KeyValuePair<int, string> Pair, Memory<byte> Bytes,
    ReadOnlyMemory<int> Memory);
