using System.Buffers.Binary;
using System.Globalization;

namespace Kameo.Actors.Transport.Views;

/// <summary>Which founding a node belongs to: 128 random bits, minted once by the node that founds or re-forms a cluster. Every frame between members carries it; others are refused.</summary>
/// <param name="High">The upper half.</param>
/// <param name="Low">The lower half.</param>
internal readonly record struct ClusterId(ulong High, ulong Low) : IComparable<ClusterId>
{
    /// <summary>No cluster: what a fresh node knows.</summary>
    public static ClusterId None => default;

    /// <summary>Whether this names no cluster.</summary>
    public bool IsNone => (High | Low) == 0;

    /// <summary>Mints one.</summary>
    /// <param name="random">The source; outside tests one whose bits nobody can guess.</param>
    public static ClusterId Mint(Random random)
    {
        Span<byte> bits = stackalloc byte[16];
        ClusterId id;
        do
        {
            random.NextBytes(bits);
            id = new(BinaryPrimitives.ReadUInt64BigEndian(bits), BinaryPrimitives.ReadUInt64BigEndian(bits[8..]));
        }
        while (id.IsNone);

        return id;
    }

    /// <inheritdoc/>
    public int CompareTo(ClusterId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>The first eight digits: enough for a log.</summary>
    public override string ToString() => IsNone ? "none" : High.ToString("x16", CultureInfo.InvariantCulture)[..8];
}
