using System.Globalization;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>What a process takes.</summary>
/// <param name="WorkingSetBytes">All of it, as the system counts.</param>
/// <param name="ManagedBytes">Live objects on its heap, after a full collection.</param>
/// <param name="RentedBytes">Rings and slabs that connections hold.</param>
/// <param name="Connections">How many there are.</param>
internal readonly record struct Footprint(long WorkingSetBytes, long ManagedBytes, long RentedBytes, int Connections)
{
    /// <summary>A ping has a slab for a moment; what is held is there at each look.</summary>
    private const int Looks = 1000;

    /// <summary>Collects, and looks.</summary>
    public static Footprint Take(IReadOnlyCollection<TransportNode> nodes)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new Footprint(
            Environment.WorkingSet,
            GC.GetTotalMemory(forceFullCollection: true),
            Enumerable.Range(0, Looks).Min(_ => LookAgain(nodes)),
            nodes.Sum(static node => node.ConnectionCount));
    }

    private static long LookAgain(IReadOnlyCollection<TransportNode> nodes)
    {
        Thread.Yield();
        return nodes.Sum(Rented);
    }

    /// <summary>Rings and slabs that a node's connections hold.</summary>
    public static long Rented(TransportNode node) => ((long)node.RingBuffers.Rented * node.RingBuffers.BufferBytes) + node.Slabs.OutstandingBytes;

    /// <summary>As one line.</summary>
    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{WorkingSetBytes} {ManagedBytes} {RentedBytes} {Connections}");

    /// <summary>From such a line.</summary>
    public static Footprint Parse(string line)
    {
        long[] numbers = [.. line.Split(' ').Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
        return new Footprint(numbers[0], numbers[1], numbers[2], (int)numbers[3]);
    }
}
