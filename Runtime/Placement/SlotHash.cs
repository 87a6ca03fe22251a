using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Placement;

/// <summary>From an actor's id to its slot, and from a slot to its node: fixed integer arithmetic, the same on every node and in every version.</summary>
internal static class SlotHash
{
    /// <summary>How many slots there are.</summary>
    public const int Slots = 4096;

    private const int SlotBits = 12;
    private const ulong FnvOffset = 0xcbf2_9ce4_8422_2325;
    private const ulong FnvPrime = 0x0000_0100_0000_01b3;

    /// <summary>The slot of an id as it stands on the wire: FNV-1a over its bytes, then mixed, since FNV's high bits are weak.</summary>
    public static int SlotOf(ReadOnlySpan<byte> id) => (int)(Mix(Fnv(id)) >> (64 - SlotBits));

    /// <summary>The slot of an actor.</summary>
    public static int SlotOf(in ActorId id)
    {
        Span<byte> bytes = stackalloc byte[WireId.BytesMax];
        return SlotOf(bytes[..id.Write(bytes)]);
    }

    /// <summary>Half of the way to a slot: through what all ids of a class and a kind of key begin with. 0 once in 2^64 names, which then are read each time.</summary>
    public static ulong Begin(string className, ActorKeyKind kind)
    {
        Span<byte> bytes = stackalloc byte[WireId.BytesMax];
        return Fnv(bytes[..ActorId.WriteClass(className, kind, bytes)]);
    }

    /// <summary>The rest of it.</summary>
    public static int End(ulong begun, in ActorKey key)
    {
        Span<byte> bytes = stackalloc byte[ActorKey.BytesMax];
        return (int)(Mix(Fnv(bytes[..key.Write(bytes)], begun)) >> (64 - SlotBits));
    }

    /// <summary>How well a node suits a slot: the node with the highest score has it (rendezvous hashing, Thaler and Ravishankar 1998).</summary>
    public static ulong Score(int slot, ulong nodeHash) => Mix(nodeHash ^ Mix((ulong)slot + 1));

    /// <summary>What stands for a node in <see cref="Score"/>: of its 32 bytes.</summary>
    public static ulong NodeHash(ReadOnlySpan<byte> peerId) => Fnv(peerId);

    /// <summary>The finaliser of MurmurHash3: every input bit moves every output bit.</summary>
    private static ulong Mix(ulong value)
    {
        value ^= value >> 33;
        value *= 0xff51_afd7_ed55_8ccd;
        value ^= value >> 33;
        value *= 0xc4ce_b9fe_1a85_ec53;
        return value ^ (value >> 33);
    }

    private static ulong Fnv(ReadOnlySpan<byte> bytes, ulong begun = FnvOffset)
    {
        ulong hash = begun;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * FnvPrime;
        }

        return hash;
    }
}
