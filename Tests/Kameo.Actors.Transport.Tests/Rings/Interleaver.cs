using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Tests.Rings;

/// <summary>A few threads over shared words, made anew for each run so that each run starts the same.</summary>
internal interface IInterleaved
{
    int Threads { get; }

    /// <summary>What thread <paramref name="thread"/> does. Deterministic but for what it reads from shared words.</summary>
    void Run(int thread);

    /// <summary>All shared memory, hashed. What a thread knows is covered by the history of what it read.</summary>
    ulong HashOfMemory();

    /// <summary>Checks the end of a run in which every thread finished.</summary>
    void CheckEnd();
}

/// <summary>What an exploration found.</summary>
internal sealed record Exploration(long Runs, int States, double Schedules, bool IsComplete, string? Failure);

/// <summary>
/// Runs threads one shared access at a time and tries every order of accesses. The threads are real; one at a time has the baton, and before each access
/// it decides who goes on. Decisions are a depth-first search with replay from the start. A state met before (same memory, same history of every thread) is not
/// explored again: what can follow is the same. So all schedules are covered although only some are run.
/// </summary>
/// <remarks>
/// With store buffers, a plain store goes to the thread's own first-in-first-out buffer and to memory at any later time of the scheduler's choice, or at the thread's next
/// full fence, as on x86. Loads see the own buffer first.
/// </remarks>
internal sealed unsafe class Interleaver : IDisposable
{
    private const int PassesMax = 10_000;

    [ThreadStatic]
    private static int t_threadPlusOne;

    private readonly bool _storeBuffers;
    private readonly SemaphoreSlim[] _batons;
    private readonly SemaphoreSlim _runDone = new(0);
    private readonly List<Node> _path = [];
    private readonly Dictionary<ulong, double> _visited = [];
    private readonly ulong[] _history;
    private readonly bool[] _done;
    private readonly long[] _waitingSince;
    private readonly List<Store>[] _buffers;
    private readonly List<int> _options = [];

    private IInterleaved _scenario = null!;
    private int _depth;
    private int _unfinished;
    private long _writes;
    private bool _aborted;
    private bool _pruned;
    private double _prunedSchedules;
    private int _passes;
    private bool _stopped;
    private string? _failure;

    public Interleaver(int threads, bool storeBuffers)
    {
        _storeBuffers = storeBuffers;
        _batons = [.. Enumerable.Range(0, threads).Select(_ => new SemaphoreSlim(0))];
        _history = new ulong[threads];
        _done = new bool[threads];
        _waitingSince = new long[threads];
        _buffers = [.. Enumerable.Range(0, threads).Select(_ => new List<Store>())];
        for (int i = 0; i < threads; i++)
        {
            int thread = i;
            new Thread(() => Loop(thread), maxStackSize: 256 * 1024) { IsBackground = true, Name = $"interleaved {thread}" }.Start();
        }
    }

    private sealed class Node(ulong key, int[] options)
    {
        public ulong Key { get; } = key;

        public int[] Options { get; } = options;

        public int Index { get; set; }

        public double Schedules { get; set; }
    }

    private readonly record struct Store(nint Address, int Bytes, long Value);

    private sealed class AbortedException : Exception;

    /// <summary>Explores until every state was seen, a run failed, or the time is over.</summary>
    /// <param name="run">Makes a scenario, calls the function it is given with it, and keeps its words from moving until that returns.</param>
    /// <param name="budget">The wall-clock time.</param>
    public Exploration Explore(Action<Action<IInterleaved>> run, TimeSpan budget)
    {
        long start = TimeProvider.System.GetTimestamp();
        long runs = 0;
        double schedules = 0;
        while (_failure is null && TimeProvider.System.GetElapsedTime(start) < budget)
        {
            run(RunOnce);
            runs++;
            if (_failure is not null)
                break;
            double found = _pruned ? _prunedSchedules : 1;
            while (_path.Count > 0)
            {
                Node top = _path[^1];
                top.Schedules += found;
                if (++top.Index < top.Options.Length)
                    break;
                found = top.Schedules;
                _visited[top.Key] = found;
                _path.RemoveAt(_path.Count - 1);
            }

            if (_path.Count == 0)
            {
                schedules = found;
                return new Exploration(runs, _visited.Count, schedules, IsComplete: true, Failure: null);
            }
        }

        return new Exploration(runs, _visited.Count, schedules, IsComplete: false, _failure);
    }

    public void Dispose()
    {
        _stopped = true;
        foreach (SemaphoreSlim baton in _batons)
            baton.Release();
    }

    /// <summary>A load of a shared word.</summary>
    public long Load(ref long location)
    {
        if (!Step(1, out int thread))
            return Volatile.Read(ref location);
        return Observe(thread, LoadNow(thread, (nint)Unsafe.AsPointer(ref location), sizeof(long)));
    }

    /// <summary>A load of a shared length.</summary>
    public int Load(ref int location)
    {
        if (!Step(2, out int thread))
            return Volatile.Read(ref location);
        return (int)Observe(thread, LoadNow(thread, (nint)Unsafe.AsPointer(ref location), sizeof(int)));
    }

    /// <summary>A store to a shared word.</summary>
    public void StoreWord(ref long location, long value)
    {
        if (!Step(3, out int thread))
            Volatile.Write(ref location, value);
        else
            StoreNow(thread, new Store((nint)Unsafe.AsPointer(ref location), sizeof(long), value));
    }

    /// <summary>A store to a shared length.</summary>
    public void StoreLength(ref int location, int value)
    {
        if (!Step(4, out int thread))
            Volatile.Write(ref location, value);
        else
            StoreNow(thread, new Store((nint)Unsafe.AsPointer(ref location), sizeof(int), value));
    }

    /// <summary>A compare-exchange, with a full fence.</summary>
    public long CompareExchange(ref long location, long value, long comparand)
    {
        if (!Step(5, out int thread))
            return Interlocked.CompareExchange(ref location, value, comparand);
        FlushAll(thread);
        long seen = location;
        if (seen == comparand)
        {
            location = value;
            _writes++;
        }

        return Observe(thread, seen);
    }

    /// <summary>A full fence. Without store buffers it is nothing, not even a step.</summary>
    public void Fence()
    {
        if (_storeBuffers && Step(6, out int thread))
            FlushAll(thread);
    }

    /// <summary>A point at which others may run, between two plain stores.</summary>
    public void Point() => Step(7, out _);

    /// <summary>Waits until another thread has written something.</summary>
    public void Wait()
    {
        int thread = t_threadPlusOne - 1;
        if (thread < 0)
            return;
        if (_pruned)
        {
            if (++_passes > PassesMax || !TryPassOn(thread))
                throw new InvalidOperationException("A thread waits for ever.");
            _batons[thread].Wait();
            if (_aborted)
                throw new AbortedException();
            return;
        }

        _waitingSince[thread] = _writes;
        Step(8, out _);
        _waitingSince[thread] = -1;
    }

    /// <summary>
    /// Says that from here on the calling thread knows only this: where it is and these values. Two histories that lead to the same are then one, which is
    /// what makes a few frames per producer explorable. It must be true: every local variable still used is among the values.
    /// </summary>
    public void Forget(uint place, long value1 = 0, long value2 = 0)
    {
        int thread = t_threadPlusOne - 1;
        if (thread >= 0)
            _history[thread] = Mix(Mix(Mix(0, place), (ulong)value1), (ulong)value2);
    }

    private bool Step(uint kind, out int thread)
    {
        thread = t_threadPlusOne - 1;
        if (thread < 0)
            return false;
        if (_aborted)
            throw new AbortedException();
        if (_pruned)
            return true;
        _history[thread] = Mix(_history[thread], kind);
        int next = Decide(thread);
        if (next == thread || _pruned)
            return true;
        if (next < 0)
            Abort(thread);
        else
            HandOver(thread, next);
        if (_aborted)
            throw new AbortedException();
        return true;
    }

    private void HandOver(int thread, int next)
    {
        _batons[next].Release();
        _batons[thread].Wait();
    }

    /// <summary>In a run that met a known state: lets another unfinished thread go on.</summary>
    private bool TryPassOn(int thread)
    {
        for (int i = 1; i < _batons.Length; i++)
        {
            int next = (thread + i) % _batons.Length;
            if (_done[next])
                continue;
            _batons[next].Release();
            return true;
        }

        return false;
    }

    private long Observe(int thread, long value)
    {
        _history[thread] = Mix(_history[thread], (ulong)value);
        return value;
    }

    private long LoadNow(int thread, nint address, int bytes)
    {
        List<Store> buffer = _buffers[thread];
        for (int i = buffer.Count - 1; i >= 0; i--)
        {
            if (buffer[i].Address == address)
                return buffer[i].Value;
        }

        return bytes == sizeof(long) ? *(long*)address : *(int*)address;
    }

    private void StoreNow(int thread, Store store)
    {
        if (_storeBuffers && !_pruned)
            _buffers[thread].Add(store);
        else
            ToMemory(store);
    }

    private void ToMemory(Store store)
    {
        if (store.Bytes == sizeof(long))
            *(long*)store.Address = store.Value;
        else
            *(int*)store.Address = (int)store.Value;
        _writes++;
    }

    private void FlushOne(int thread)
    {
        Store store = _buffers[thread][0];
        _buffers[thread].RemoveAt(0);
        ToMemory(store);
    }

    private void FlushAll(int thread)
    {
        while (_buffers[thread].Count > 0)
            FlushOne(thread);
    }

    /// <summary>Who goes on: a thread, or -1 if the run ends here (all finished, met a known state, or nobody can go on).</summary>
    private int Decide(int current)
    {
        while (true)
        {
            int choice;
            if (_depth < _path.Count)
            {
                Node node = _path[_depth];
                choice = node.Options[node.Index];
            }
            else
            {
                int[] options = Options(current);
                if (options.Length == 0)
                {
                    if (_done.Contains(false))
                        _failure = "Every thread waits for another one.";
                    return -1;
                }

                ulong key = HashOfState();
                if (_visited.TryGetValue(key, out double schedules))
                {
                    // The rest of the run is known. It goes on without steps, one thread after the other: cheaper than unwinding them.
                    for (int thread = 0; thread < _batons.Length; thread++)
                        FlushAll(thread);
                    _pruned = true;
                    _prunedSchedules = schedules;
                    _passes = 0;
                    return -1;
                }

                _path.Add(new Node(key, options));
                choice = options[0];
            }

            _depth++;
            if (choice < _batons.Length)
                return choice;
            FlushOne(choice - _batons.Length);
        }
    }

    private int[] Options(int current)
    {
        _options.Clear();
        for (int i = 0; i < _batons.Length; i++)
        {
            int thread = current < 0 ? i : (current + i) % _batons.Length;
            if (!_done[thread] && (_waitingSince[thread] < 0 || _waitingSince[thread] != _writes))
                _options.Add(thread);
        }

        for (int thread = 0; thread < _batons.Length; thread++)
        {
            if (_buffers[thread].Count > 0)
                _options.Add(_batons.Length + thread);
        }

        return [.. _options];
    }

    private ulong HashOfState()
    {
        ulong hash = _scenario.HashOfMemory();
        for (int i = 0; i < _batons.Length; i++)
        {
            hash = Mix(hash, _history[i]);
            hash = Mix(hash, (_done[i] ? 1u : 0u) | (_waitingSince[i] >= 0 && _waitingSince[i] == _writes ? 2u : 0u));
            hash = Mix(hash, (ulong)_buffers[i].Count);
            foreach (Store store in _buffers[i])
                hash = Mix(hash, (ulong)store.Value);
        }

        return hash;
    }

    private void RunOnce(IInterleaved scenario)
    {
        _scenario = scenario;
        _depth = 0;
        _writes = 0;
        _aborted = _pruned = false;
        _unfinished = _batons.Length;
        Array.Clear(_history);
        Array.Clear(_done);
        Array.Fill(_waitingSince, -1);
        foreach (List<Store> buffer in _buffers)
            buffer.Clear();

        _batons[Decide(-1)].Release();
        if (!_runDone.Wait(TimeSpan.FromSeconds(30)))
            throw new TimeoutException("A thread blocked outside the scheduler.");
        if (_failure is null && !_pruned)
        {
            try
            {
                scenario.CheckEnd();
            }
            catch (Exception exception)
            {
                _failure = exception.Message;
            }
        }

        if (_failure is not null)
            _failure += $" Schedule: {string.Join(' ', _path.Take(_depth).Select(n => n.Options[n.Index]))}";
    }

    private void Loop(int thread)
    {
        t_threadPlusOne = thread + 1;
        while (true)
        {
            _batons[thread].Wait();
            if (_stopped)
                return;
            if (!_aborted)
                RunThread(thread);
            if (Interlocked.Decrement(ref _unfinished) == 0)
                _runDone.Release();
        }
    }

    private void RunThread(int thread)
    {
        try
        {
            _scenario.Run(thread);
            _done[thread] = true;
            int next = _pruned ? -1 : Decide(thread);
            if (next >= 0)
                _batons[next].Release();
            else if (_pruned)
                TryPassOn(thread);
            else
                Abort(thread);
        }
        catch (AbortedException)
        {
        }
        catch (Exception exception)
        {
            _failure ??= exception.Message;
            Abort(thread);
        }
    }

    /// <summary>Ends the run: lets every thread that waits for the baton unwind.</summary>
    private void Abort(int thread)
    {
        if (_aborted)
            return;
        _aborted = true;
        for (int i = 0; i < _batons.Length; i++)
        {
            if (i != thread && !_done[i])
                _batons[i].Release();
        }
    }

    internal static ulong Mix(ulong hash, ulong value)
    {
        hash ^= value + 0x9E37_79B9_7F4A_7C15 + (hash << 6) + (hash >> 2);
        hash ^= hash >> 33;
        hash *= 0xFF51_AFD7_ED55_8CCD;
        hash ^= hash >> 33;
        hash *= 0xC4CE_B9FE_1A85_EC53;
        return hash ^ (hash >> 33);
    }

    internal static ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            hash = Mix(hash, word);
        return hash;
    }
}
