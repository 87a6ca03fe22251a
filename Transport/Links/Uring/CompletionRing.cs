namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>The loop's side of the ring of completions: the kernel writes entries and the tail, the loop reads them and writes the head. Owned by one thread; does no system call.</summary>
internal sealed unsafe class CompletionRing
{
    private readonly uint* _head;
    private readonly uint* _tail;
    private readonly uint _mask;
    private readonly CompletionEntry* _entries;

    /// <summary>Takes over memory that stays valid and unmoved as long as this object is used.</summary>
    /// <param name="head">The loop's word: entries it has taken.</param>
    /// <param name="tail">The kernel's word: entries it has published.</param>
    /// <param name="count">How many entries there are; a power of two.</param>
    /// <param name="entries">As many entries.</param>
    public CompletionRing(uint* head, uint* tail, uint count, CompletionEntry* entries)
    {
        UringInvariant.Require(count != 0 && uint.IsPow2(count), "a ring of completions has a power of two of entries");
        _head = head;
        _tail = tail;
        _mask = count - 1;
        _entries = entries;
    }

    /// <summary>Takes the oldest completion. False: there is none.</summary>
    public bool TryTake(out CompletionEntry entry)
    {
        uint head = *_head; // Written by this thread alone.

        // Acquire; partner: the kernel's release of the tail behind the entry's fields.
        if (head == Volatile.Read(ref *_tail))
        {
            entry = default;
            return false;
        }

        entry = _entries[head & _mask]; // In bounds: the mask is one less than the number of entries.

        // Release; partner: the kernel's acquire of the head before it writes the place again. The entry was copied out before.
        Volatile.Write(ref *_head, head + 1);
        return true;
    }
}
