using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>What became of an operation: <c>struct io_uring_cqe</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct CompletionEntry
{
    public const int Bytes = 16;

    private const uint HasBufferFlag = 1;
    private const uint HasMoreFlag = 2;

    /// <summary>What the submission carried.</summary>
    public ulong UserData;

    /// <summary>The result of the system call; an error is negative.</summary>
    public int Result;

    /// <summary><c>IORING_CQE_F_...</c>, and in the upper half the buffer's id.</summary>
    public uint Flags;

    /// <summary>Whether the kernel chose a buffer: it is the loop's until it is given back.</summary>
    public readonly bool HasBuffer => (Flags & HasBufferFlag) != 0;

    /// <summary>Whether the operation goes on: this was not its last completion.</summary>
    public readonly bool HasMore => (Flags & HasMoreFlag) != 0;

    /// <summary>Which buffer.</summary>
    public readonly int BufferId => (int)(Flags >> 16);
}
