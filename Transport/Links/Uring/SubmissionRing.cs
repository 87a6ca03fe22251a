namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>The loop's side of the ring of submissions: it writes entries and the tail, the kernel reads them and writes the head. Owned by one thread; does no system call.</summary>
/// <remarks>
/// Head and tail count up for ever and wrap at 2^32; an entry's place is its count under the mask, so differences and not values are compared.
/// </remarks>
internal sealed unsafe class SubmissionRing
{
    private readonly uint* _head;
    private readonly uint* _tail;
    private readonly uint _mask;
    private readonly uint* _indices;
    private readonly SubmissionEntry* _entries;

    /// <summary>Takes over memory that stays valid and unmoved as long as this object is used.</summary>
    /// <param name="head">The kernel's word: entries it has consumed.</param>
    /// <param name="tail">The loop's word: entries it has published.</param>
    /// <param name="count">How many entries there are; a power of two.</param>
    /// <param name="indices">As many words: which entry stands at a place.</param>
    /// <param name="entries">As many entries.</param>
    public SubmissionRing(uint* head, uint* tail, uint count, uint* indices, SubmissionEntry* entries)
    {
        UringInvariant.Require(count != 0 && uint.IsPow2(count), "a ring of submissions has a power of two of entries");
        _head = head;
        _tail = tail;
        _mask = count - 1;
        _indices = indices;
        _entries = entries;
    }

    /// <summary>Entries that are published and not yet consumed.</summary>
    public uint PendingCount => *_tail - Volatile.Read(ref *_head);

    /// <summary>Publishes an entry. False: the ring is full until the kernel is entered.</summary>
    public bool TryPush(in SubmissionEntry entry)
    {
        uint tail = *_tail; // Written by this thread alone.

        // Acquire; partner: the kernel's release of the head behind its last read of an entry. So an entry is not overwritten while it is read.
        if (tail - Volatile.Read(ref *_head) > _mask)
        {
            return false;
        }

        // In bounds: the mask is one less than the number of entries and of indices.
        uint place = tail & _mask;
        _entries[place] = entry;
        _indices[place] = place;

        // Release; partner: the kernel's acquire of the tail. Whoever sees the tail sees the entry.
        Volatile.Write(ref *_tail, tail + 1);
        return true;
    }
}
