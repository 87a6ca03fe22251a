using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>What is asked of a new ring and what the kernel says of it: <c>struct io_uring_params</c>, 120 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringParameters
{
    public uint SubmissionCount;
    public uint CompletionCount;
    public uint Flags;
    public uint PollThreadCpu;
    public uint PollThreadIdle;
    public uint Features;
    public uint WorkQueueDescriptor;
    private readonly uint _reserved0;
    private readonly uint _reserved1;
    private readonly uint _reserved2;
    public UringOffsets Submissions;
    public UringOffsets Completions;
}

/// <summary>Where the words of a ring stand in its memory: <c>struct io_sqring_offsets</c> and <c>io_cqring_offsets</c>, which differ in the last three words.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Count;

    /// <summary>Submissions: flags. Completions: how many were dropped.</summary>
    public uint FlagsOrOverflow;

    /// <summary>Submissions: how many were dropped. Completions: where the entries begin.</summary>
    public uint DroppedOrEntries;

    /// <summary>Submissions: where the indices begin. Completions: flags.</summary>
    public uint IndicesOrFlags;

    private readonly uint _reserved;
    private readonly ulong _userAddress;
}
