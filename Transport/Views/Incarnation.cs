using System.Buffers.Binary;
using System.Globalization;

namespace Kameo.Actors.Transport.Views;

/// <summary>One life of a peer in one cluster: 64 random bits. Two of them are not ordered; the age of one is the join index that the view log gave it.</summary>
/// <param name="Value">The bits; 0 is none.</param>
internal readonly record struct Incarnation(ulong Value)
{
    /// <summary>Mints one.</summary>
    /// <param name="random">The source.</param>
    public static Incarnation Mint(Random random)
    {
        Span<byte> bits = stackalloc byte[8];
        do
        {
            random.NextBytes(bits);
        }
        while (BinaryPrimitives.ReadUInt64BigEndian(bits) == 0);

        return new(BinaryPrimitives.ReadUInt64BigEndian(bits));
    }

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Value ^ (int)(Value >> 32);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture)[..4];
}
