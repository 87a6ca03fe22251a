using System.Collections.Concurrent;
using System.Diagnostics;

namespace Kameo.Actors.Benchmarks.Handoff;

/// <summary>When an ask was under way. One that was under way in two counts for the later one, and for the hand-off if that is one of them.</summary>
internal enum LoadPhase
{
    /// <summary>Every actor is asked once.</summary>
    Activation,

    /// <summary>Two members.</summary>
    Before,

    /// <summary>The third is started, and has not been admitted.</summary>
    Joining,

    /// <summary>From the view that admits the third until every member reports that view settled.</summary>
    Handoff,

    /// <summary>Three members.</summary>
    After,

    /// <summary>Three members; it is being chosen which actors are asked when one is killed. Not reported.</summary>
    Sampling,

    /// <summary>One was killed.</summary>
    Kill,
}

/// <summary>
/// Callers that ask random actors, one ask each at a time. Each caller has its own keys, so that no actor has two asks at once and each answer can be checked against the one before: the same activation has run
/// exactly one turn more, another one has run its first and no lower fence, on another node a higher one.
/// </summary>
/// <param name="client">The node that asks.</param>
/// <param name="actors">How many actors.</param>
/// <param name="callers">How many callers.</param>
/// <param name="seed">What their choices follow from.</param>
internal sealed class AskLoad(ActorNode client, int actors, int callers, int seed)
{
    /// <summary>How many violations are told in full.</summary>
    private const int ToldMax = 20;

    private static readonly TimeSpan s_afterFailure = TimeSpan.FromMilliseconds(10);

    private readonly Seen[] _seen = new Seen[actors];
    private readonly bool[] _isSampled = new bool[actors];
    private readonly int[] _asks = new int[callers];
    private readonly AskLatencies[] _latencies = [.. Enum.GetValues<LoadPhase>().Select(static _ => new AskLatencies())];
    private readonly long[] _answered = new long[Enum.GetValues<LoadPhase>().Length];
    private readonly ConcurrentDictionary<(LoadPhase Phase, string Name), int> _failures = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private volatile bool _isStopped;
    private volatile LoadPhase _phase;
    private long _violationCount;
    private Task _running = Task.CompletedTask;

    /// <summary>Of which phase asks are from now on.</summary>
    public LoadPhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    /// <summary>Asks that were answered.</summary>
    public long Answered => _answered.Sum();

    /// <summary>Answers that cannot be if each ask runs one turn in the one activation there is.</summary>
    public long Violations => Interlocked.Read(ref _violationCount);

    /// <summary>The first of them.</summary>
    public IReadOnlyCollection<string> ToldViolations => _violations;

    /// <summary>Asks of a phase that were answered.</summary>
    public long AnsweredIn(LoadPhase phase) => Interlocked.Read(ref _answered[(int)phase]);

    /// <summary>How long asks of a phase took.</summary>
    public AskLatencies LatenciesOf(LoadPhase phase) => _latencies[(int)phase];

    /// <summary>Asks of a phase that failed, by the name of what they threw.</summary>
    public IReadOnlyDictionary<string, int> FailuresOf(LoadPhase phase) => _failures.Where(one => one.Key.Phase == phase).ToDictionary(static one => one.Key.Name, static one => one.Value);

    /// <summary>How many asks failed in all phases up to one.</summary>
    public long FailedUpTo(LoadPhase phase) => _failures.Where(one => one.Key.Phase <= phase).Sum(static one => (long)one.Value);

    /// <summary>Asks every actor once.</summary>
    public Task ActivateAsync(CancellationToken cancellation) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
        async () =>
        {
            for (int key = caller; key < actors; key += callers)
            {
                await AskAsync(key);
                cancellation.ThrowIfCancellationRequested();
            }
        },
        cancellation)));

    /// <summary>Begins to ask random actors.</summary>
    public void Start()
    {
        _isStopped = false;
        _running = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => RunAsync(caller))));
    }

    /// <summary>Asks no more, and waits for what is under way.</summary>
    public Task StopAsync(CancellationToken cancellation)
    {
        _isStopped = true;
        return _running.WaitAsync(cancellation);
    }

    /// <summary>Takes actors of a process out of what callers choose from. Each was asked once more: many that answered from there some time ago may be elsewhere since.</summary>
    /// <returns>Their keys; none of them is being asked any more.</returns>
    public async Task<int[]> SampleAsync(int process, int most, int probers, CancellationToken cancellation)
    {
        int[] keys = KeysAt(process, Enumerable.Range(0, actors));
        new Random(seed).Shuffle(keys);
        keys = keys[..Math.Min(2 * most, keys.Length)];
        foreach (int key in keys)
        {
            Volatile.Write(ref _isSampled[key], true);
        }

        // Who asked when that was written has chosen twice since then: the first choice may have been made before.
        int[] before = [.. _asks.Select((_, caller) => Volatile.Read(ref _asks[caller]))];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (before.Where((asks, caller) => Volatile.Read(ref _asks[caller]) - asks < 2).Any())
        {
            await timer.WaitForNextTickAsync(cancellation);
        }

        await ProbeAsync(keys, probers, cancellation);
        int[] there = KeysAt(process, keys);
        return there[..Math.Min(most, there.Length)];
    }

    /// <summary>Asks sampled actors, each again after a failure. Completes when all have answered.</summary>
    public async Task ProbeAsync(int[] keys, int probers, CancellationToken cancellation)
    {
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, probers).Select(_ => Task.Run(
            async () =>
            {
                for (int at = Interlocked.Increment(ref next); at < keys.Length; at = Interlocked.Increment(ref next))
                {
                    while (!await AskAsync(keys[at]))
                    {
                        cancellation.ThrowIfCancellationRequested();
                    }
                }
            },
            cancellation)));
    }

    private async Task RunAsync(int caller)
    {
        var random = new Random(unchecked((seed * 7919) + caller));
        int own = (actors - caller + callers - 1) / callers;
        while (!_isStopped)
        {
            Interlocked.Increment(ref _asks[caller]); // Before the look at what is sampled: partner of SampleAsync.
            int key = caller + (callers * random.Next(own));
            if (!Volatile.Read(ref _isSampled[key]))
            {
                await AskAsync(key);
            }
            else
            {
                await Task.Yield(); // With few actors all of a caller's may be sampled.
            }
        }
    }

    private async Task<bool> AskAsync(int key)
    {
        LoadPhase phase = _phase;
        long start = Stopwatch.GetTimestamp();
        try
        {
            (long activation, long fence, long turn) = await client.Get<ITurnCounter>(key).Count();
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            phase = During(phase, _phase);
            Check(key, activation, fence, turn, phase);
            _latencies[(int)phase].Add(took);
            Interlocked.Increment(ref _answered[(int)phase]);
            return true;
        }
        catch (ActorCallException exception)
        {
            _failures.AddOrUpdate((During(phase, _phase), $"{exception.GetType().Name} ({exception.Outcome})"), 1, static (_, count) => count + 1);
            _seen[key].HasFailed |= exception.Outcome != CallOutcome.NotRun;
        }

        await Task.Delay(s_afterFailure);
        return false;
    }

    private int[] KeysAt(int process, IEnumerable<int> keys) => [.. keys.Where(key => TurnCounterActor.ProcessOf(_seen[key].Activation) == process)];

    private static LoadPhase During(LoadPhase start, LoadPhase end) => start == LoadPhase.Handoff ? start : end;

    private void Check(int key, long activation, long fence, long turn, LoadPhase phase)
    {
        ref Seen seen = ref _seen[key];
        bool isSame = activation == seen.Activation;
        bool isSameProcess = TurnCounterActor.ProcessOf(activation) == TurnCounterActor.ProcessOf(seen.Activation);
        long expected = isSame ? seen.Turn + 1 : 1;
        bool holds = (turn == expected || (seen.HasFailed && turn > expected)) && (isSame ? fence == seen.Fence : isSameProcess ? fence >= seen.Fence && activation > seen.Activation : fence > seen.Fence || seen.Activation == 0);
        if (!holds && Interlocked.Increment(ref _violationCount) <= ToldMax)
        {
            _violations.Enqueue($"{phase}: actor {key} had turn {seen.Turn} of activation {seen.Activation:x} at fence {seen.Fence}, then turn {turn} of {activation:x} at {fence}");
        }

        seen = new Seen { Activation = activation, Fence = fence, Turn = turn };
    }

    /// <summary>The last answer of an actor. Used by the one who asks it, one ask after the other.</summary>
    private struct Seen
    {
        public long Activation;
        public long Fence;
        public long Turn;

        /// <summary>An ask since then may have run.</summary>
        public bool HasFailed;
    }
}
