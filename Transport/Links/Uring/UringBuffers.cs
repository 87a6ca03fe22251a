using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>The receive buffers of a loop. The kernel takes one when bytes have arrived, so an idle link holds none. Owned by the loop's thread.</summary>
/// <remarks>
/// Lifetime: the memory is not the garbage collector's and does not move. A buffer belongs to the kernel from <see cref="Give"/> until a completion names it, and to the loop from
/// then until it is given back. It is freed when the queue has been closed and no receive was under way.
/// </remarks>
internal sealed unsafe class UringBuffers : IDisposable
{
    /// <summary>Bytes of one buffer: four full TLS records, the most that a drain of the other end writes at once.</summary>
    public const int BufferBytes = 64 * 1024;

    /// <summary>How many there are by default: a link that is behind gets a turn of a megabyte before the others.</summary>
    public const int DefaultCount = 16;

    /// <summary>The group's number; there is one in a ring.</summary>
    public const ushort Group = 0;

    private const uint RegisterBufferRing = 22;
    private const int PageBytes = 4_096;
    private const int CountMax = PageBytes / BufferRing.EntryBytes;

    private readonly UringQueue _queue;
    private readonly int _count;
    private readonly byte* _memory;
    private readonly byte* _ringMemory;
    private readonly BufferRing? _ring;

    /// <summary>Allocates them and gives all to the kernel: through a buffer ring where it has one and that is allowed, else one by one.</summary>
    /// <param name="queue">The loop's queue.</param>
    /// <param name="allowed">What may be used when the kernel has it.</param>
    /// <param name="count">How many; a power of two up to 256.</param>
    public UringBuffers(UringQueue queue, UringFeatures allowed, int count)
    {
        UringInvariant.Require(count is > 0 and <= CountMax && int.IsPow2(count), "there is a power of two of receive buffers");
        _queue = queue;
        _count = count;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)BufferBytes * (nuint)count, PageBytes);
        if ((allowed & UringFeatures.BufferRing) != 0)
        {
            _ringMemory = (byte*)NativeMemory.AlignedAlloc(PageBytes, PageBytes); // Room for CountMax entries.
            NativeMemory.Clear(_ringMemory, PageBytes);
            BufferRingRegistration registration = new() { Address = (ulong)_ringMemory, Count = (uint)count, Group = Group };
            if (queue.Register(RegisterBufferRing, &registration, 1) >= 0)
            {
                _ring = new BufferRing(_ringMemory, (uint)count);
            }
        }

        for (int id = 0; id < count; id++)
        {
            Give(id);
        }
    }

    /// <summary>Whether they are given through shared memory.</summary>
    public bool HasRing => _ring is not null;

    /// <summary>What arrived in a buffer that a completion named; valid until it is given back.</summary>
    public ReadOnlySpan<byte> Received(int id, int bytes)
    {
        UringInvariant.Require((uint)id < (uint)_count && (uint)bytes <= BufferBytes, "a completion names a buffer that does not exist, or more bytes than it has");
        return new ReadOnlySpan<byte>(_memory + ((nint)id * BufferBytes), bytes);
    }

    /// <summary>Gives a buffer to the kernel; nothing of it is read any more.</summary>
    public void Give(int id)
    {
        UringInvariant.Require((uint)id < (uint)_count, "a completion names a buffer that does not exist");
        byte* buffer = _memory + ((nint)id * BufferBytes);
        if (_ring is { } ring)
        {
            ring.Give(buffer, BufferBytes, (ushort)id);
            return;
        }

        _queue.Push(new SubmissionEntry
        {
            Operation = UringOperation.ProvideBuffers,
            Descriptor = 1,
            Address = (ulong)buffer,
            Length = BufferBytes,
            Offset = (ulong)id,
            BufferGroup = Group,
            UserData = UringTag.Of(UringTagKind.Provide, id),
        });
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        NativeMemory.AlignedFree(_ringMemory);
    }

    /// <summary><c>struct io_uring_buf_reg</c>, 40 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct BufferRingRegistration
    {
        public ulong Address;
        public uint Count;
        public ushort Group;
        public ushort Flags;
    }
}
