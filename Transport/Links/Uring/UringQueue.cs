using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Links.Epoll;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>A pair of rings that is shared with the kernel: submissions go in, completions come out. Owned by the thread that opened it, which alone may call it.</summary>
/// <remarks>
/// Bounds: <see cref="SubmissionCount"/> submissions between two system calls, more wait in a list; <see cref="CompletionCount"/> completions, more are kept by the kernel, which
/// loses none (<c>IORING_FEAT_NODROP</c>) and hands them over at the next call.
/// </remarks>
internal sealed unsafe class UringQueue : IDisposable
{
    /// <summary>Links that may need a word with the kernel in one turn without waiting; 16 KiB of entries.</summary>
    public const uint SubmissionCount = 256;

    /// <summary>Completions between two system calls: a busy turn has as many as there are buffers and writable links; 32 KiB.</summary>
    public const uint CompletionCount = 2_048;

    private const uint WithCompletionCount = 1 << 3;
    private const uint Clamped = 1 << 4;
    private const uint CooperativeWork = 1 << 8;
    private const uint SingleIssuer = 1 << 12;
    private const uint DeferredWork = 1 << 13;
    private const uint SingleMap = 1 << 0;
    private const uint NoDrop = 1 << 1;
    private const uint FastPoll = 1 << 5;
    private const uint Needed = SingleMap | NoDrop | FastPoll;
    private const long RingOffset = 0;
    private const long EntriesOffset = 0x10000000;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int Busy = 16;
    private const int Invalid = 22;

    private readonly IUringKernel _kernel;
    private readonly Queue<SubmissionEntry> _waiting = new();
    private int _descriptor = -1;
    private byte* _rings;
    private nuint _ringsBytes;
    private byte* _entries;
    private nuint _entriesBytes;
    private SubmissionRing _submissions = null!;
    private CompletionRing _completions = null!;

    private UringQueue(IUringKernel kernel) => _kernel = kernel;

    /// <summary>What of <see cref="UringFeatures.DeferredWork"/> the kernel granted.</summary>
    public UringFeatures Features { get; private set; }

    /// <summary>Opens one.</summary>
    /// <exception cref="UringUnavailableException">The kernel refuses, or is too old.</exception>
    public static UringQueue Open(IUringKernel kernel, UringFeatures allowed)
    {
        // The layout of the entries is that of a little-endian machine, and offsets are 64 bits wide.
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            throw new UringUnavailableException("it is only known on Linux for x86-64 and arm64");
        }

        var queue = new UringQueue(kernel);
        try
        {
            queue.Setup(allowed);
            return queue;
        }
        catch
        {
            queue.Dispose();
            throw;
        }
    }

    /// <summary>Hands over a submission with the next <see cref="Enter"/>, in order.</summary>
    public void Push(in SubmissionEntry entry)
    {
        if (_waiting.Count != 0 || !_submissions.TryPush(entry))
        {
            _waiting.Enqueue(entry);
        }
    }

    /// <summary>Takes the oldest completion. False: there is none.</summary>
    public bool TryTake(out CompletionEntry entry) => _completions.TryTake(out entry);

    /// <summary>Submits what was pushed and has the kernel work off what is due.</summary>
    /// <param name="wait">Whether to wait for a completion. It may return without one all the same.</param>
    /// <exception cref="InvalidOperationException">The kernel refuses the ring itself: a bug.</exception>
    public void Enter(bool wait)
    {
        while (_waiting.TryPeek(out SubmissionEntry entry) && _submissions.TryPush(entry))
        {
            _waiting.Dequeue();
        }

        int result = _kernel.Enter(_descriptor, _submissions.PendingCount, wait && _waiting.Count == 0 ? 1u : 0u);

        // Interrupted by a signal, short of memory for a moment, or completions must be taken first: the caller takes them and comes again.
        if (result < 0 && -result is not (Interrupted or TryAgain or Busy))
        {
            UringInvariant.Fail($"io_uring_enter failed with error {-result}");
        }
    }

    /// <summary><c>io_uring_register(2)</c> on this ring.</summary>
    public int Register(uint operation, void* argument, uint count) => _kernel.Register(_descriptor, operation, argument, count);

    /// <summary>Unmaps and closes. No operation may be under way: the kernel could still write to its memory.</summary>
    public void Dispose()
    {
        if (_entries != null)
        {
            LinuxUringKernel.Unmap(_entries, _entriesBytes);
            _entries = null;
        }

        if (_rings != null)
        {
            LinuxUringKernel.Unmap(_rings, _ringsBytes);
            _rings = null;
        }

        if (_descriptor >= 0)
        {
            LinuxCalls.Close(_descriptor);
            _descriptor = -1;
        }
    }

    private void Setup(UringFeatures allowed)
    {
        UringParameters parameters = default;
        int result = (allowed & UringFeatures.DeferredWork) != 0 ? TrySetup(ref parameters, SingleIssuer | DeferredWork) : -Invalid;
        Features = result >= 0 ? UringFeatures.DeferredWork : UringFeatures.None;
        if (result == -Invalid)
        {
            result = TrySetup(ref parameters, CooperativeWork);
        }

        if (result == -Invalid)
        {
            result = TrySetup(ref parameters, 0);
        }

        if (result < 0)
        {
            throw UringUnavailableException.Of("io_uring_setup", -result);
        }

        _descriptor = result;
        if ((parameters.Features & Needed) != Needed)
        {
            throw new UringUnavailableException("this kernel's io_uring is too old: it may lose completions or waits for sockets on threads of its own");
        }

        MapRings(parameters);
    }

    private int TrySetup(ref UringParameters parameters, uint flags)
    {
        parameters = new UringParameters { Flags = flags | WithCompletionCount | Clamped, CompletionCount = CompletionCount };
        fixed (UringParameters* pointer = &parameters)
        {
            return _kernel.Setup(SubmissionCount, pointer);
        }
    }

    private void MapRings(in UringParameters parameters)
    {
        UringOffsets submissions = parameters.Submissions;
        UringOffsets completions = parameters.Completions;

        // One mapping holds both rings: as long as the one that reaches farther. What is read and written below lies inside by the kernel's own offsets and counts.
        nuint submissionsEnd = submissions.IndicesOrFlags + ((nuint)parameters.SubmissionCount * sizeof(uint));
        nuint completionsEnd = completions.DroppedOrEntries + ((nuint)parameters.CompletionCount * CompletionEntry.Bytes);
        _ringsBytes = nuint.Max(submissionsEnd, completionsEnd);
        _rings = LinuxUringKernel.Map(_descriptor, _ringsBytes, RingOffset, out int error);
        if (_rings != null)
        {
            _entriesBytes = (nuint)parameters.SubmissionCount * SubmissionEntry.Bytes;
            _entries = LinuxUringKernel.Map(_descriptor, _entriesBytes, EntriesOffset, out error);
        }

        if (error != 0)
        {
            throw UringUnavailableException.Of("mmap", error);
        }

        _submissions = new SubmissionRing(
            Word(submissions.Head), Word(submissions.Tail), parameters.SubmissionCount, Word(submissions.IndicesOrFlags), (SubmissionEntry*)_entries);
        _completions = new CompletionRing(
            Word(completions.Head), Word(completions.Tail), parameters.CompletionCount, (CompletionEntry*)(_rings + completions.DroppedOrEntries));
    }

    private uint* Word(uint offset)
    {
        UringInvariant.Require(offset % sizeof(uint) == 0 && offset + sizeof(uint) <= _ringsBytes, "a word of the ring lies outside of it");
        return (uint*)(_rings + offset);
    }
}
