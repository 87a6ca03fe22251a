using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>One request to the kernel: <c>struct io_uring_sqe</c> of <c>linux/io_uring.h</c>, the fields that the loop uses.</summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct SubmissionEntry
{
    public const int Bytes = 64;

    /// <summary>What to do.</summary>
    [FieldOffset(0)]
    public UringOperation Operation;

    /// <summary><c>IOSQE_...</c></summary>
    [FieldOffset(1)]
    public byte Flags;

    /// <summary><c>ioprio</c>: the receive flags of a receive.</summary>
    [FieldOffset(2)]
    public ushort ReceiveFlags;

    /// <summary>The descriptor; for <see cref="UringOperation.ProvideBuffers"/> how many buffers.</summary>
    [FieldOffset(4)]
    public int Descriptor;

    /// <summary>The file offset; for <see cref="UringOperation.ProvideBuffers"/> the first buffer's id.</summary>
    [FieldOffset(8)]
    public ulong Offset;

    /// <summary>Memory; for <see cref="UringOperation.Cancel"/> the <see cref="UserData"/> of what to cancel.</summary>
    [FieldOffset(16)]
    public ulong Address;

    /// <summary>Bytes of the memory.</summary>
    [FieldOffset(24)]
    public uint Length;

    /// <summary>Events of a poll. A 32-bit word whose low half older kernels read: the same on a little-endian machine, the only kind the loop runs on.</summary>
    [FieldOffset(28)]
    public uint PollEvents;

    /// <summary>Comes back in the completion.</summary>
    [FieldOffset(32)]
    public ulong UserData;

    /// <summary>The group that a buffer is chosen from.</summary>
    [FieldOffset(40)]
    public ushort BufferGroup;
}
