using System.Collections.Concurrent;

namespace Kameo.Actors.Tests.Actors;

/// <summary>The actor behind <see cref="ICounter"/>.</summary>
public sealed class CounterActor : Actor, ICounter
{
    private static readonly ConcurrentDictionary<int, TaskCompletionSource> s_gates = new();

    private readonly List<int> _notes = [];
    private long _count;
    private int _inside;

    /// <summary>Opened by a test, waited for by a turn.</summary>
    public static TaskCompletionSource GateOf(int number) => s_gates.GetOrAdd(number, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public ValueTask<long> Add(long amount)
    {
        Enter();
        _count += amount;
        Exit();
        return new(_count);
    }

    public async Task<long> AddAfter(long amount, Gate gate)
    {
        Enter();
        await GateOf(gate.Number).Task;
        await Task.Yield();
        _count += amount;
        Exit();
        return _count;
    }

    public ValueTask<string> Describe() => new($"{Id}");

    public ValueTask Fail(string kind) => throw (kind switch
    {
        "argument" => new ArgumentException("a bad argument"),
        _ => new UnheardOfException("something of ours"),
    });

    public Task<Sample> Echo(Sample sample) => Task.FromResult(sample);

    public Task WaitFor(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    public Task Note(int number)
    {
        _notes.Add(number);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<int>> Notes() => Task.FromResult<IReadOnlyList<int>>(_notes);

    public Task Sleep() => new TaskCompletionSource().Task;

    public ValueTask<long> Peek() => new(_count);

    public ValueTask Leave()
    {
        DeactivateOnIdle();
        return default;
    }

    // A turn that another one enters shows here.
    private void Enter() => Assert.Equal(1, Interlocked.Increment(ref _inside));

    private void Exit() => Interlocked.Decrement(ref _inside);
}

/// <summary>An exception that does not travel as itself.</summary>
public sealed class UnheardOfException(string message) : Exception(message);
