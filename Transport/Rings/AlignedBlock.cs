using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Rings;

/// <summary>A block of zeroed memory that never moves and starts at a multiple of 64: what rings and slabs are made of.</summary>
/// <remarks>
/// It lives on the garbage collector's pinned heap rather than in native memory. A sender preempted between claim and publish, or a thread that
/// looks into a ring which has just given its buffer back, then touches at worst stale bytes and never freed ones, with no reference count per access.
/// </remarks>
internal sealed class AlignedBlock
{
    /// <summary>The alignment of the first byte: a cache line.</summary>
    public const int AlignmentBytes = 64;

    private readonly byte[] _array;
    private readonly int _start;

    /// <summary>Allocates a block of zeros.</summary>
    /// <param name="lengthBytes">Its length, above zero.</param>
    public AlignedBlock(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        _array = GC.AllocateArray<byte>(checked(lengthBytes + AlignmentBytes), pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        _start = (int)(-address & (AlignmentBytes - 1));
        Length = lengthBytes;
    }

    /// <summary>The usable bytes.</summary>
    public int Length { get; }

    /// <summary>The first byte. Offsets up to <see cref="Length"/> stay inside: the array is longer by what the alignment may skip.</summary>
    public ref byte Origin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _start);
    }

    /// <summary>The block as a span.</summary>
    public Span<byte> Span => MemoryMarshal.CreateSpan(ref Origin, Length);

    /// <summary>The block as memory that can be kept in a field.</summary>
    public Memory<byte> Memory => _array.AsMemory(_start, Length);
}
