using System.Diagnostics;
using Kameo.Actors.Tests.Actors;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Local;

/// <summary>An actor that tells on what stack, in what context and in what order it runs.</summary>
public interface ILocal : IGrainWithStringKey
{
    ValueTask<bool> IsInline();

    ValueTask IsInlineInto(Box<bool> box);

    Task<bool> IsInlineAsTask();

    ValueTask<bool> Spin(double milliseconds);

    ValueTask<string> Contexts(string setTo);

    ValueTask<int> Wait(Gate gate);

    ValueTask<int> Throw(bool isTask);

    ValueTask ThrowVoid(string kind);

    ValueTask<List<int>> Keep(List<int> numbers);

    ValueTask<int> Refuse(Sour sour);

    ValueTask<Sour> MakeSour();

    ValueTask<int> Chain(int depth);

    ValueTask<bool> Leave();

    ValueTask<int> Made();

    ValueTask Note(int number);

    [OneWay]
    ValueTask NoteOneWay(int number);

    ValueTask<List<int>> Notes();

    [AskTimeout("00:00:00.2")]
    ValueTask<int> WaitBriefly(Gate gate);

    [AskTimeout("00:00:00.2")]
    ValueTask<string> AskOtherThatNeverAnswers(string other);

    [AlwaysInterleave]
    ValueTask<bool> IsInlineInterleaved();

    ValueTask<bool> WithToken(CancellationToken cancellation);
}

/// <summary>Holds a value that a callee writes; not isolated.</summary>
[Immutable]
public sealed class Box<T>
{
    public T Value { get; set; } = default!;
}

/// <summary>Cannot be copied a second time.</summary>
public sealed class Sour
{
    private bool _wasMade;

    public bool IsSour
    {
        get => IsSweet ? false : throw new InvalidOperationException("sour");
        set => _wasMade = value;
    }

    public bool IsSweet { get; set; }

    public bool WasMade() => _wasMade;
}

public class LocalActor : Actor, ILocal
{
    private static readonly AsyncLocal<string?> s_ambient = new();
    private static int s_made;

    [ThreadStatic]
    private static bool t_calling;

    private readonly List<int> _notes = [];
    private readonly int _number = Interlocked.Increment(ref s_made);
    private List<int> _kept = [];

    /// <summary>What flows here.</summary>
    public static string? Ambient
    {
        get => s_ambient.Value;
        set => s_ambient.Value = value;
    }

    /// <summary>Whether this thread is in such a call.</summary>
    public static bool IsCalling => t_calling;

    /// <summary>Makes a call, and marks this thread as long as the call has not returned: who sees the mark runs on the caller's stack.</summary>
    public static T Call<T>(Func<T> call)
    {
        t_calling = true;
        try
        {
            return call();
        }
        finally
        {
            t_calling = false;
        }
    }

    public ValueTask<bool> IsInline() => new(t_calling);

    public ValueTask IsInlineInto(Box<bool> box)
    {
        box.Value = t_calling;
        return default;
    }

    public Task<bool> IsInlineAsTask() => Task.FromResult(t_calling);

    public ValueTask<bool> IsInlineInterleaved() => new(t_calling);

    public ValueTask<bool> WithToken(CancellationToken cancellation) => new(t_calling);

    public ValueTask<bool> Spin(double milliseconds)
    {
        bool isInline = t_calling;
        if (TimeProvider is FakeTime time)
        {
            time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return new(isInline);
        }

        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds)
        {
            Thread.SpinWait(10);
        }

        return new(isInline);
    }

    public ValueTask<string> Contexts(string setTo)
    {
        string seen = $"{SynchronizationContext.Current?.GetType().Name} {Ambient ?? "none"} {RequestContext.Get("tenant") ?? "nobody"} {t_calling}";
        Ambient = setTo;
        RequestContext.Set("tenant", setTo);
        SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        return new(seen);
    }

    public async ValueTask<int> Wait(Gate gate)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        await CounterActor.GateOf(gate.Number).Task;
        return ReferenceEquals(before, SynchronizationContext.Current) && before is not null ? gate.Number : -1;
    }

    public ValueTask<int> WaitBriefly(Gate gate) => Wait(gate);

    public ValueTask<int> Throw(bool isTask) => isTask ? ThrowLater() : throw new UnheardOfException("thrown in the method");

    public ValueTask ThrowVoid(string kind) => throw (kind == "argument" ? new ArgumentException("a bad argument") : kind == "cancelled" ? new OperationCanceledException("cancelled") : new UnheardOfException(kind));

    public ValueTask<List<int>> Keep(List<int> numbers)
    {
        numbers.Add(-1);
        List<int> before = _kept;
        _kept = numbers;
        return new(before);
    }

    public ValueTask<int> Refuse(Sour sour) => new(1);

    public ValueTask<Sour> MakeSour() => new(new Sour());

    public async ValueTask<int> Chain(int depth)
    {
        if (!t_calling || depth == 32)
        {
            return depth;
        }

        ValueTask<int> next = Actors.Get<ILocal>($"{Key.Text}+").Chain(depth + 1);
        return await next;
    }

    public ValueTask<bool> Leave()
    {
        DeactivateOnIdle();
        return new(t_calling);
    }

    public ValueTask<int> Made() => new(_number);

    public ValueTask Note(int number)
    {
        _notes.Add(number);
        return default;
    }

    public ValueTask NoteOneWay(int number) => Note(number);

    public ValueTask<List<int>> Notes() => new(_notes);

    public async ValueTask<string> AskOtherThatNeverAnswers(string other)
    {
        try
        {
            await Actors.Get<ILocal>(other).Wait(new Gate(int.MinValue));
            return "answered";
        }
        catch (AskTimeoutException)
        {
            return "timed out";
        }
    }

    private static async ValueTask<int> ThrowLater()
    {
        await Task.CompletedTask;
        throw new UnheardOfException("thrown in the task");
    }
}

/// <summary>The same through the mailbox.</summary>
public interface IQueuedLocal : IGrainWithStringKey
{
    ValueTask<bool> IsInline();
}

[QueueLocalAsks]
public sealed class QueuedLocalActor : Actor, IQueuedLocal
{
    public ValueTask<bool> IsInline() => new LocalActor().IsInline();
}

/// <summary>An actor that restarts when it fails.</summary>
public interface IRestarting : IGrainWithStringKey
{
    ValueTask<int> Count();

    ValueTask Fail();
}

[OnFailure(FailurePolicy.Restart)]
public sealed class RestartingActor : Actor, IRestarting
{
    private int _count;

    public ValueTask<int> Count() => new(++_count);

    public ValueTask Fail() => throw new UnheardOfException("failed");
}
