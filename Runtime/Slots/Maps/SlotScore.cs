using System.Numerics;
using Kameo.Actors.Placement;

namespace Kameo.Actors.Slots.Maps;

/// <summary>How well a member suits a slot: weighted rendezvous (Thaler and Ravishankar 1998) in integers, so that every node, of whatever processor and version, finds the same owner.</summary>
/// <remarks>
/// A member of weight w is to win with a probability that is proportional to w. With u the member's hash for the slot as a fraction of its range, the winner is the member of least -log(u) / w (Schindelhauer and
/// Schomaker, SPAA 2005). The logarithm is taken to the base 2 in fixed point; since it never falls as the hash rises, equal weights are decided by the hash alone, and ties by the hash, then the lower member.
/// </remarks>
internal static class SlotScore
{
    /// <summary>The largest weight: a logarithm of 30 bits times a weight stays below 2^63.</summary>
    public const int WeightMax = int.MaxValue;

    private const int FractionBits = 24;

    /// <summary>The hash of a member for a slot.</summary>
    public static ulong HashOf(int slot, ulong memberHash) => SlotHash.Score(slot, memberHash);

    /// <summary>Whether a member suits a slot better than another.</summary>
    /// <param name="hash">Its hash for the slot.</param>
    /// <param name="weight">Its weight, above zero.</param>
    /// <param name="otherHash">The other's hash.</param>
    /// <param name="otherWeight">The other's weight, above zero.</param>
    public static bool IsBetter(ulong hash, int weight, ulong otherHash, int otherWeight)
    {
        if (weight == otherWeight)
        {
            return hash > otherHash;
        }

        ulong scaled = MinusLog2(hash) * (ulong)otherWeight;
        ulong otherScaled = MinusLog2(otherHash) * (ulong)weight;
        return scaled != otherScaled ? scaled < otherScaled : hash > otherHash;
    }

    /// <summary>-log2 of a hash as a fraction of 2^64, with 24 bits behind the point: 0 for the greatest hashes, below 2^30 for all.</summary>
    public static ulong MinusLog2(ulong hash)
    {
        if (hash == 0)
        {
            return 64ul << FractionBits;
        }

        // hash = mantissa * 2^(63 - zeros), mantissa in [1, 2) with 63 bits behind the point; of which 32 are enough for 24 bits of logarithm.
        int zeros = BitOperations.LeadingZeroCount(hash);
        ulong mantissa = (hash << zeros) >> 31;
        ulong log = 0;
        for (int bit = 0; bit < FractionBits; bit++)
        {
            // Squaring doubles the logarithm; what passes 2 is the next bit. A mantissa is below 2^33, so its square, less the 32 bits behind the point, fits.
            mantissa = (ulong)(((UInt128)mantissa * mantissa) >> 32);
            log <<= 1;
            if (mantissa >= 1ul << 33)
            {
                mantissa >>= 1;
                log |= 1;
            }
        }

        return ((ulong)(zeros + 1) << FractionBits) - log;
    }
}
