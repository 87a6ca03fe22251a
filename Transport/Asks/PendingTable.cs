using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Asks;

/// <summary>The asks of one connection that wait for an answer, found by correlation, and the places of answers that were not read yet. Lock-free on add and take.</summary>
/// <remarks>
/// <para>
/// <b>Bounds.</b> The asks of this connection (constructor) and of the node (<see cref="PendingBudget"/>). At either, <see cref="TryAdd"/> refuses and the caller waits,
/// until its deadline. The small first chunk of a table is set aside for it in the budget: one busy connection cannot stop the others.
/// </para>
/// <para>
/// <b>Unread answers count.</b> An answer takes its ask out by <see cref="TryTakeAnswered"/> and keeps the slot until its bytes have been read (<see cref="Free"/>). So what is awaited or
/// unread never exceeds the slots, however fast answers come and however slowly they are read.
/// </para>
/// <para>
/// <b>Who owns a slot.</b> A free slot is on the free list, a stack of indices under one word {version, index}; each change raises the version, so
/// a compare-exchange that succeeds met the very list it read (a version is met again only after 2^32 changes between one thread's read and its next step).
/// Who pops a slot owns it, fills it and stores <c>State</c> = {generation, taken} with a full fence. Who then turns exactly that state into
/// {next generation, free} by compare-exchange owns the slot and its ask, until it pushes the slot on the list again; all others fail. The generation rises with each such step, so a
/// late or forged correlation, or one delivered twice, finds another state. Generation 0 is never used, so no correlation is 0.
/// It has 32 bits: the answer to an ask would have to come 2^32 asks of the same slot late to be mistaken, which the deadline rules out.
/// </para>
/// <para>
/// <b>Deadline sweep.</b> It reads state, then deadline, then compare-exchanges the state it read. If the slot was taken and reused in between, its generation changed and the
/// compare-exchange fails; if it succeeds, the slot held the same ask all the time and the deadline is that ask's. A newcomer is never expired by its predecessor's deadline.
/// </para>
/// <para>
/// <b>Close.</b> <see cref="TryAdd"/> stores the state, fences, and looks at the closed mark; <see cref="Close"/> stores the mark and fences before
/// <see cref="TakeAll"/> looks at the states. One sees the other. If the adder sees the mark it tries to take its ask back; if it loses, the closer
/// has it, and the ask counts as added.
/// </para>
/// </remarks>
internal sealed class PendingTable
{
    /// <summary>How many asks the first chunk holds: what each connection has for itself, whatever the others do.</summary>
    public const int FirstChunkAsks = 8;

    /// <summary>How many asks each further chunk holds.</summary>
    public const int ChunkAsks = 1024;

    private const int ChunkShift = 10;
    private const long Taken = 1;

    private readonly PendingBudget _budget;
    private readonly int _maxAsks;
    private readonly Lock _growth = new();
    private readonly PendingSlot[]?[] _chunks;
    private readonly uint[] _firstGeneration;

    private PaddedWord _free; // Every asker writes it.
    private long _freeAtLastTrim;
    private long _refusalsAtLastTrim;
    private int _capacity;
    private int _untilTrim;
    private int _closed;

    /// <summary>Makes an empty table.</summary>
    /// <param name="budget">The node's budget.</param>
    /// <param name="maxAsks">The most asks of this connection.</param>
    public PendingTable(PendingBudget budget, int maxAsks)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxAsks);
        _budget = budget;
        _maxAsks = maxAsks;
        int chunks = 1 + (int)(((long)Math.Max(0, maxAsks - FirstChunkAsks) + ChunkAsks - 1) / ChunkAsks);
        _chunks = new PendingSlot[]?[chunks];
        _firstGeneration = new uint[chunks];
        Array.Fill(_firstGeneration, 1u);
    }

    /// <summary>Whether <see cref="Close"/> was called. When <see cref="TryAdd"/> refused, this says which refusal it was.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>The slots there are now, free or not.</summary>
    public int CapacityAsks => Volatile.Read(ref _capacity);

    /// <summary>The asks pending. Counted by looking at every slot: for metrics and tests.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (PendingSlot[]? chunk in _chunks)
            {
                if (chunk is null)
                    continue;
                for (int i = 0; i < chunk.Length; i++)
                    count += (int)(Volatile.Read(ref chunk[i].State) & Taken);
            }

            return count;
        }
    }

    /// <summary>Adds an ask. Any thread.</summary>
    /// <param name="ask">An ask that is in no table; its <see cref="PendingAsk.Correlation"/> is set.</param>
    /// <param name="deadlineTimestamp">When it expires (timestamp of the clock that <see cref="TakeExpired"/> is given).</param>
    /// <param name="correlation">What its answer must carry.</param>
    /// <returns>
    /// False if the table is full or closed; then the ask was not added and nobody else completes it. True otherwise; if the table was closed at the same moment, the
    /// closer may have taken and completed it by the time this returns.
    /// </returns>
    public bool TryAdd(PendingAsk ask, long deadlineTimestamp, out ulong correlation)
    {
        correlation = 0;
        if (IsClosed)
            return false;
        if (!TryPopFree(out int index) && !TryGrow(out index))
            return false;

        ref PendingSlot slot = ref SlotAt(index);
        long state = slot.State;
        correlation = ((ulong)state & 0xFFFF_FFFF_0000_0000) | (uint)index;
        ask.Correlation = correlation;
        slot.Ask = ask;
        slot.Deadline = deadlineTimestamp;
        // Publishes the fields above to whoever takes the slot, and comes before the look at the mark (partner: Close).
        Interlocked.Exchange(ref slot.State, state | Taken);
        if (!IsClosed || TryTake(correlation) is null)
            return true;

        correlation = 0;
        return false;
    }

    /// <summary>Takes the ask of a correlation out and frees its slot. Any thread; exactly one caller gets it. Null for a correlation that is late, forged or already taken.</summary>
    public PendingAsk? TryTake(ulong correlation)
    {
        PendingAsk? ask = TryTakeAnswered(correlation);
        if (ask is not null)
            PushFree((int)(uint)correlation + 1, (int)(uint)correlation + 1);
        return ask;
    }

    /// <summary>Takes an ask out if it is in this table. Any thread. False also for one whose <see cref="PendingAsk.Correlation"/> is of another table by now: that names a slot here that is somebody else's.</summary>
    public bool TryTake(PendingAsk ask)
    {
        ulong correlation = ask.Correlation;
        uint index = (uint)correlation;
        uint chunkIndex = index >> ChunkShift;
        if (chunkIndex >= (uint)_chunks.Length || Volatile.Read(ref _chunks[chunkIndex]) is not { } chunk || (index & (ChunkAsks - 1)) >= (uint)chunk.Length)
            return false;
        // Of one generation a slot has one ask: if it is this one before the step, and the step finds that generation taken, it was this one.
        ref PendingSlot slot = ref chunk[index & (ChunkAsks - 1)];
        return ReferenceEquals(Volatile.Read(ref slot.Ask), ask) && TryTake(correlation) is not null;
    }

    /// <summary>Takes the ask of a correlation out, whose answer has come and is yet to be read: <see cref="Free"/> must follow, once.</summary>
    public PendingAsk? TryTakeAnswered(ulong correlation)
    {
        uint index = (uint)correlation;
        uint chunkIndex = index >> ChunkShift;
        if (chunkIndex >= (uint)_chunks.Length)
            return null;
        PendingSlot[]? chunk = Volatile.Read(ref _chunks[chunkIndex]);
        uint inChunk = index & (ChunkAsks - 1);
        if (chunk is null || inChunk >= (uint)chunk.Length)
            return null;
        long state = (long)(correlation & 0xFFFF_FFFF_0000_0000) | Taken;
        return TryTake(ref chunk[inChunk], state);
    }

    /// <summary>The answer that <see cref="TryTakeAnswered"/> made way for has been read: the slot is free. Any thread, also after <see cref="Close"/>.</summary>
    /// <param name="correlation">What the answer carried.</param>
    public void Free(ulong correlation)
    {
        int link = (int)(uint)correlation + 1;
        PushFree(link, link);

        // Full fence in PushFree; partner: Close, after which somebody trims. Either that one finds the slot, or this sees the mark.
        if (IsClosed)
            TrimAfterClose();
    }

    /// <summary>Takes all asks out whose deadline has come. Any thread, concurrently with everything.</summary>
    /// <param name="now">The time.</param>
    /// <param name="state">Passed to the callback.</param>
    /// <param name="take">Gets each ask; a static lambda, so that nothing is allocated.</param>
    /// <returns>How many.</returns>
    public int TakeExpired<TState>(long now, TState state, Action<TState, PendingAsk> take) => TakeUntil(now, state, take);

    /// <summary>Takes all asks out. After <see cref="Close"/> the table is empty then, and stays so.</summary>
    /// <returns>How many.</returns>
    public int TakeAll<TState>(TState state, Action<TState, PendingAsk> take) => TakeUntil(long.MaxValue, state, take);

    /// <summary>Reads something of the asks that are pending, as they come and go meanwhile: for descriptions, not per message. Any thread.</summary>
    /// <param name="into">Where to; what was read of an ask that was taken at that moment is not added.</param>
    /// <param name="max">Most values that <paramref name="into"/> has in the end.</param>
    /// <param name="read">Copies what is wanted. It may meet an ask that is being used again, so it does nothing else.</param>
    public void Read<T>(List<T> into, int max, Func<PendingAsk, T> read)
    {
        for (int c = 0; c < _chunks.Length && into.Count < max; c++)
        {
            PendingSlot[] chunk = Volatile.Read(ref _chunks[c]) ?? [];
            for (int i = 0; i < chunk.Length && into.Count < max; i++)
            {
                ref PendingSlot slot = ref chunk[i];
                long seen = Volatile.Read(ref slot.State);
                if ((seen & Taken) == 0 || Volatile.Read(ref slot.Ask) is not { } ask)
                    continue;
                T value = read(ask);
                // Full fence between the copy and the second look; partner: the exchange of whoever takes the slot, after which alone the ask changes.
                Interlocked.MemoryBarrier();
                if (Volatile.Read(ref slot.State) == seen)
                    into.Add(value);
            }
        }
    }

    /// <summary>Reads something of one ask, if it is pending. Any thread.</summary>
    /// <param name="correlation">Which one.</param>
    /// <param name="read">Copies what is wanted, as for <see cref="Read"/>.</param>
    /// <param name="value">What was read.</param>
    public bool TryRead<T>(ulong correlation, Func<PendingAsk, T> read, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        uint index = (uint)correlation;
        uint chunkIndex = index >> ChunkShift;
        if (chunkIndex >= (uint)_chunks.Length || Volatile.Read(ref _chunks[chunkIndex]) is not { } chunk || (index & (ChunkAsks - 1)) >= (uint)chunk.Length)
            return false;
        ref PendingSlot slot = ref chunk[index & (ChunkAsks - 1)];
        long state = (long)(correlation & 0xFFFF_FFFF_0000_0000) | Taken;
        if (Volatile.Read(ref slot.State) != state || Volatile.Read(ref slot.Ask) is not { } ask)
            return false;
        value = read(ask);
        // Full fence between the copy and the second look, as in Read.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref slot.State) == state;
    }

    /// <summary>Refuses later adds. The asks in the table stay until they are taken.</summary>
    public void Close() => Interlocked.Exchange(ref _closed, 1);

    /// <summary>The node's tick: gives back what this table does not use now, when it has been at rest since the last call, or when the node's budget was met since then.</summary>
    public void TrimIfUseful()
    {
        long free = Volatile.Read(ref _free.Value);
        long refusals = _budget.Refusals;
        if (CapacityAsks > FirstChunkAsks && (free == _freeAtLastTrim || refusals != _refusalsAtLastTrim))
        {
            TryTrim();
            free = Volatile.Read(ref _free.Value);
        }

        _freeAtLastTrim = free;
        _refusalsAtLastTrim = refusals;
    }

    /// <summary>Gives each chunk without an ask or an unread answer back to the budget, all but the first; after <see cref="Close"/> that, too.</summary>
    /// <returns>Whether there was one.</returns>
    /// <remarks>
    /// Any thread; called now and then, not per message. It takes the whole free list away: nobody but this thread owns a slot on it, so a chunk all of whose slots are there
    /// can go. An add in that moment finds no free slot and waits for the lock in the slow path. A take that still holds a dropped chunk finds no taken
    /// state there; a chunk granted anew starts at a generation above any that the dropped one had.
    /// </remarks>
    public bool TryTrim()
    {
        lock (_growth)
            return TrimLocked();
    }

    private bool TrimLocked()
    {
        int[] freeIn = new int[_chunks.Length];
        int first = TakeFreeList();
        int held = _capacity;
        for (int next = first; next != 0; next = SlotAt(next - 1).NextFree)
        {
            freeIn[(next - 1) >> ChunkShift]++;
            held--;
        }

        // What is left free, in its order.
        int keptFirst = 0;
        int keptLast = 0;
        for (int slot = first, next; slot != 0; slot = next)
        {
            next = SlotAt(slot - 1).NextFree;
            if (MayDrop((slot - 1) >> ChunkShift))
                continue;
            if (keptFirst == 0)
                keptFirst = slot;
            else
                Volatile.Write(ref SlotAt(keptLast - 1).NextFree, slot);
            keptLast = slot;
        }

        if (keptFirst != 0)
            PushFree(keptFirst, keptLast);
        bool dropped = false;
        for (int chunk = 0; chunk < _chunks.Length; chunk++)
        {
            if (_chunks[chunk] is not null && MayDrop(chunk))
            {
                DropChunk(chunk);
                dropped = true;
            }
        }

        _untilTrim = Math.Max(1, held / 2);
        return dropped;

        bool MayDrop(int chunk) => freeIn[chunk] == _chunks[chunk]!.Length && (chunk > 0 || IsClosed);
    }

    /// <summary>
    /// A slot was freed after the close. Trims each time half of what was held then has come back, so that many unread answers cost few walks of the list. A slot that a trim
    /// has already counted makes the next one early, never late: the last one that is freed always trims.
    /// </summary>
    private void TrimAfterClose()
    {
        lock (_growth)
        {
            if (--_untilTrim <= 0 && _capacity != 0)
                TrimLocked();
        }
    }

    private int TakeUntil<TState>(long until, TState state, Action<TState, PendingAsk> take)
    {
        int count = 0;
        for (int c = 0; c < _chunks.Length; c++)
        {
            PendingSlot[]? chunk = Volatile.Read(ref _chunks[c]);
            if (chunk is null)
                continue;
            for (int i = 0; i < chunk.Length; i++)
            {
                ref PendingSlot slot = ref chunk[i];
                long seen = Volatile.Read(ref slot.State);
                if ((seen & Taken) == 0 || Volatile.Read(ref slot.Deadline) > until)
                    continue;
                if (TryTake(ref slot, seen) is not { } ask)
                    continue;
                int link = ((c << ChunkShift) | i) + 1;
                PushFree(link, link);
                count++;
                take(state, ask);
            }
        }

        return count;
    }

    private static PendingAsk? TryTake(ref PendingSlot slot, long takenState)
    {
        long next = NextGeneration(takenState);
        // Full fence; partner: the exchange in TryAdd. Success makes this thread the owner of the slot.
        if (Interlocked.CompareExchange(ref slot.State, next, takenState) != takenState)
            return null;
        PendingAsk ask = slot.Ask!;
        slot.Ask = null;
        return ask;
    }

    /// <summary>The free state of the next generation; 0 is left out.</summary>
    private static long NextGeneration(long state)
    {
        uint generation = (uint)((ulong)state >> 32) + 1;
        return (long)((ulong)(generation == 0 ? 1 : generation) << 32);
    }

    private bool TryPopFree(out int index)
    {
        while (true)
        {
            long free = Volatile.Read(ref _free.Value);
            int first = (int)(uint)free;
            index = first - 1;
            if (first == 0)
                return false;
            PendingSlot[]? chunk = Volatile.Read(ref _chunks[index >> ChunkShift]);
            if (chunk is null)
                continue; // Trimmed since the read of the list, which therefore has another version now.
            int next = Volatile.Read(ref chunk[index & (ChunkAsks - 1)].NextFree);
            if (Interlocked.CompareExchange(ref _free.Value, NextVersion(free, next), free) == free)
                return true;
        }
    }

    /// <summary>Puts a chain of free slots on the list. Full fence: what the owner did with the slots comes before.</summary>
    private void PushFree(int first, int last)
    {
        ref int link = ref SlotAt(last - 1).NextFree;
        long free;
        do
        {
            free = Volatile.Read(ref _free.Value);
            Volatile.Write(ref link, (int)(uint)free);
        }
        while (Interlocked.CompareExchange(ref _free.Value, NextVersion(free, first), free) != free);
    }

    private int TakeFreeList()
    {
        long free;
        do
        {
            free = Volatile.Read(ref _free.Value);
        }
        while (Interlocked.CompareExchange(ref _free.Value, NextVersion(free, 0), free) != free);
        return (int)(uint)free;
    }

    private static long NextVersion(long free, int first) => (long)((((ulong)free >> 32) + 1) << 32 | (uint)first);

    /// <summary>The slow path of an add: another thread may have grown the table or freed a slot meanwhile; else one more chunk is granted.</summary>
    private bool TryGrow(out int index)
    {
        lock (_growth)
        {
            if (TryPopFree(out index))
                return true;
            int chunk = Array.IndexOf(_chunks, null);
            if (chunk < 0 || IsClosed)
                return false;
            if (chunk > 0 && !_budget.TryGrantChunk())
                return false;

            int slots = chunk == 0 ? Math.Min(FirstChunkAsks, _maxAsks) : Math.Min(ChunkAsks, _maxAsks - FirstChunkAsks - ((chunk - 1) * ChunkAsks));
            var made = new PendingSlot[slots];
            for (int i = 0; i < slots; i++)
                made[i].State = (long)((ulong)_firstGeneration[chunk] << 32);
            Volatile.Write(ref _chunks[chunk], made);
            Volatile.Write(ref _capacity, _capacity + slots);
            if (slots > 1)
                LinkChunk(chunk, firstFreeInChunk: 1);
            index = chunk << ChunkShift;
            return true;
        }
    }

    private void LinkChunk(int chunk, int firstFreeInChunk)
    {
        PendingSlot[] slots = _chunks[chunk]!;
        int firstIndex = chunk << ChunkShift;
        for (int i = firstFreeInChunk; i < slots.Length - 1; i++)
            slots[i].NextFree = firstIndex + i + 2;
        PushFree(firstIndex + firstFreeInChunk + 1, firstIndex + slots.Length);
    }

    private void DropChunk(int chunk)
    {
        uint generation = 0;
        foreach (ref PendingSlot slot in _chunks[chunk].AsSpan())
            generation = Math.Max(generation, (uint)((ulong)slot.State >> 32));
        // A slot's generation is the one its next ask would get, so no correlation with it exists.
        _firstGeneration[chunk] = generation;
        Volatile.Write(ref _capacity, _capacity - _chunks[chunk]!.Length);
        Volatile.Write(ref _chunks[chunk], null);
        if (chunk > 0)
            _budget.ReturnChunk();
    }

    private ref PendingSlot SlotAt(int index) => ref _chunks[index >> ChunkShift]![index & (ChunkAsks - 1)];
}
