using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>The kernel under this process, and what else of it a ring needs. libc has no functions for io_uring, so they are called by number.</summary>
/// <remarks>The numbers are the same on every architecture. All arguments are integers, so the variable argument list of <c>syscall</c> is passed like any other on x86-64 and arm64.</remarks>
internal sealed unsafe partial class LinuxUringKernel : IUringKernel
{
    private const nint SetupNumber = 425;
    private const nint EnterNumber = 426;
    private const nint RegisterNumber = 427;
    private const nint GetEvents = 1;
    private const int ReadWrite = 3;
    private const int SharedPopulated = 0x8001;
    private const string LibC = "libc";

    /// <inheritdoc/>
    public int Setup(uint count, UringParameters* parameters) => Result(SystemCall(SetupNumber, (nint)count, (nint)parameters, 0, 0, 0, 0));

    /// <inheritdoc/>
    public int Enter(int ring, uint submitCount, uint waitCount) => Result(SystemCall(EnterNumber, ring, (nint)submitCount, (nint)waitCount, GetEvents, 0, 0));

    /// <inheritdoc/>
    public int Register(int ring, uint operation, void* argument, uint count) => Result(SystemCall(RegisterNumber, ring, (nint)operation, (nint)argument, (nint)count, 0, 0));

    /// <summary>Maps a part of a ring; null and the error when that fails.</summary>
    public static byte* Map(int ring, nuint bytes, long offset, out int error)
    {
        byte* memory = MapMemory(null, bytes, ReadWrite, SharedPopulated, ring, offset);
        error = (nint)memory == -1 ? Marshal.GetLastPInvokeError() : 0;
        return error == 0 ? memory : null;
    }

    /// <summary>Unmaps what <see cref="Map"/> gave.</summary>
    [LibraryImport(LibC, EntryPoint = "munmap")]
    public static partial int Unmap(byte* memory, nuint bytes);

    /// <summary>Two stream sockets that are connected with each other.</summary>
    [LibraryImport(LibC, EntryPoint = "socketpair", SetLastError = true)]
    public static partial int SocketPair(int family, int type, int protocol, int* descriptors);

    private static int Result(nint result) => result >= 0 ? (int)result : -Marshal.GetLastPInvokeError();

    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    [LibraryImport(LibC, EntryPoint = "mmap", SetLastError = true)]
    private static partial byte* MapMemory(void* address, nuint bytes, int protection, int flags, int descriptor, long offset);
}
