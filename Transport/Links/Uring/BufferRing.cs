using System.Runtime.CompilerServices;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>The ring through which the loop gives receive buffers to the kernel: <c>struct io_uring_buf_ring</c>. The loop writes; the kernel keeps its own head. Owned by one thread.</summary>
/// <remarks>
/// Entries of 16 bytes: address, length, id. The tail is a 16-bit word in the unused half-word of the first entry. There are exactly as many places as buffers, and a buffer is given
/// back once for each time it was taken, so the tail never passes the kernel's head by more than the ring holds.
/// </remarks>
internal sealed unsafe class BufferRing
{
    /// <summary>Bytes of one entry.</summary>
    public const int EntryBytes = 16;

    private const int TailOffset = 14;

    private readonly byte* _entries;
    private readonly uint _mask;
    private ushort _tail;

    /// <summary>Takes over memory that stays valid and unmoved as long as this object is used.</summary>
    /// <param name="entries">Places for <paramref name="count"/> entries, zeroed, aligned to a page.</param>
    /// <param name="count">A power of two up to 32,768.</param>
    public BufferRing(byte* entries, uint count)
    {
        UringInvariant.Require(uint.IsPow2(count) && count <= 32_768, "a buffer ring has a power of two of places, at most 32,768");
        _entries = entries;
        _mask = count - 1;
    }

    /// <summary>Gives a buffer to the kernel, which may write to it from now on.</summary>
    public void Give(byte* buffer, uint bytes, ushort id)
    {
        // In bounds: the mask is one less than the number of places. The fields are written one by one: the last half-word of place 0 is the tail and not touched.
        byte* entry = _entries + ((_tail & _mask) * EntryBytes);
        Unsafe.Write(entry, (ulong)buffer);
        Unsafe.Write(entry + 8, bytes);
        Unsafe.Write(entry + 12, id);

        // Release; partner: the kernel's acquire of the tail. Whoever sees the tail sees the entry, and that the loop has read all it wanted from the buffer.
        Volatile.Write(ref *(ushort*)(_entries + TailOffset), ++_tail);
    }
}
