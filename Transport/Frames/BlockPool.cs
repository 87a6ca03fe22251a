using System.Numerics;

namespace Kameo.Actors.Transport.Frames;

/// <summary>Blocks for payloads that are in no slab: those that a sender fills, those gathered from a stream, and those that came misaligned. One pool for the process.</summary>
/// <remarks>
/// Sizes are powers of two. Renting never refuses; what limits it is the limit of whoever rents. Kept, of each size: 8 MiB and 32 blocks at most, two of the largest two, none
/// above 16 MiB; 96 MiB if a process has used all sizes that much. No lock: each kept block is taken and put back by one exchange of its place.
/// </remarks>
internal static class BlockPool
{
    /// <summary>The smallest block.</summary>
    public const int BytesMin = 64;

    /// <summary>The largest block that is kept.</summary>
    public const int BytesKeptMax = 16 * 1024 * 1024;

    private const int KeptOfSizeMin = 2;
    private const int KeptOfSizeMax = 32;
    private const int KeptBytesOfSizeMax = 8 * 1024 * 1024;

    private static readonly PooledBlock?[][] s_kept = MakePlaces();
    private static long s_rented;

    /// <summary>Blocks that were rented and not returned; one that was left to the garbage collector counts for ever. A snapshot, for tests.</summary>
    public static long Rented => Interlocked.Read(ref s_rented);

    /// <summary>How long the block is that <see cref="Rent"/> hands out for so many bytes.</summary>
    public static int LengthOf(int bytes) => bytes <= BytesKeptMax ? BytesMin << SizeClassOf(bytes) : bytes;

    /// <summary>Hands out a block of at least so many bytes with one reference, the caller's. Its bytes are of no defined value.</summary>
    public static PooledBlock Rent(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        Interlocked.Increment(ref s_rented);
        PooledBlock block = bytes <= BytesKeptMax ? TakeOrMake(SizeClassOf(bytes)) : new PooledBlock(bytes);
        block.Renew();
        return block;
    }

    /// <summary>Takes a block back whose last reference was released.</summary>
    internal static void Return(PooledBlock block)
    {
        Interlocked.Decrement(ref s_rented);
        if (block.Length > BytesKeptMax)
        {
            return;
        }

        // A full fence: whoever takes it from there sees all that was done with it.
        foreach (ref PooledBlock? place in s_kept[SizeClassOf(block.Length)].AsSpan())
        {
            if (place is null && Interlocked.CompareExchange(ref place, block, null) is null)
            {
                return;
            }
        }
    }

    private static PooledBlock TakeOrMake(int sizeClass)
    {
        foreach (ref PooledBlock? place in s_kept[sizeClass].AsSpan())
        {
            if (place is not null && Interlocked.Exchange(ref place, null) is { } kept)
            {
                return kept;
            }
        }

        return new PooledBlock(BytesMin << sizeClass);
    }

    private static int SizeClassOf(int bytes) => BitOperations.Log2((uint)(Math.Max(bytes, BytesMin) - 1) / BytesMin) + (bytes <= BytesMin ? 0 : 1);

    private static PooledBlock?[][] MakePlaces()
    {
        var places = new PooledBlock?[SizeClassOf(BytesKeptMax) + 1][];
        for (int sizeClass = 0; sizeClass < places.Length; sizeClass++)
        {
            places[sizeClass] = new PooledBlock?[Math.Clamp(KeptBytesOfSizeMax / (BytesMin << sizeClass), KeptOfSizeMin, KeptOfSizeMax)];
        }

        return places;
    }
}
