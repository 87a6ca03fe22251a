using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Links.Uring;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>The rings over ordinary memory, with the kernel's side in the test's hands.</summary>
internal sealed unsafe class RingMemory : IDisposable
{
    private readonly uint* _words; // 0: submissions' head, 1: their tail, 2: completions' head, 3: their tail; then the indices.
    private readonly SubmissionEntry* _submissions;
    private readonly CompletionEntry* _completions;
    private readonly uint _count;

    /// <param name="count">Entries of each ring.</param>
    /// <param name="start">Where all four counters stand at first.</param>
    public RingMemory(uint count, uint start)
    {
        _count = count;
        _words = (uint*)NativeMemory.AllocZeroed(4 + count, sizeof(uint));
        _submissions = (SubmissionEntry*)NativeMemory.AllocZeroed(count, SubmissionEntry.Bytes);
        _completions = (CompletionEntry*)NativeMemory.AllocZeroed(count, CompletionEntry.Bytes);
        new Span<uint>(_words, 4).Fill(start);
        Submissions = new SubmissionRing(_words, _words + 1, count, _words + 4, _submissions);
        Completions = new CompletionRing(_words + 2, _words + 3, count, _completions);
    }

    public SubmissionRing Submissions { get; }

    public CompletionRing Completions { get; }

    /// <summary>The kernel takes the oldest submission.</summary>
    public SubmissionEntry Consume()
    {
        Assert.NotEqual(_words[0], _words[1]);
        return _submissions[_words[4 + (_words[0]++ & (_count - 1))]];
    }

    /// <summary>The kernel publishes a completion.</summary>
    public void Complete(ulong userData, int result, uint flags = 0)
    {
        Assert.True(_words[3] - _words[2] < _count);
        _completions[_words[3] & (_count - 1)] = new CompletionEntry { UserData = userData, Result = result, Flags = flags };
        _words[3]++;
    }

    public void Dispose()
    {
        NativeMemory.Free(_words);
        NativeMemory.Free(_submissions);
        NativeMemory.Free(_completions);
    }
}
