using System.Collections.Concurrent;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Calls;

/// <summary>Lets in beside its turns what a predicate chooses.</summary>
public interface IPicky : IGrainWithStringKey
{
    /// <summary>Waits in a turn for the letter's gate; says how many turns are open.</summary>
    Task<int> Wait(Letter letter);

    ValueTask<int> Take(Letter letter);

    ValueTask<int> Weigh(string how, Payload<int> payload);

    ValueTask<int> Measure(string how, Stream stream);

    [OneWay]
    Task Drop(Letter letter);

    ValueTask<int> Plain();

    ValueTask StartTimer(string gate);

    /// <summary>Asks another, which asks this one back.</summary>
    Task<int> AskThrough(string other, Letter back);

    Task<int> AskBack(string first, Letter back);
}

/// <summary>What a predicate looks at.</summary>
public sealed record Letter(string Gate, string How);

/// <summary>A derived class has the predicate of its base, as any static method.</summary>
public abstract class PickyBase : Actor
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_gates = new(StringComparer.Ordinal);

    public static ConcurrentQueue<string> Asked { get; } = [];

    public static TaskCompletionSource GateOf(string gate) => s_gates.GetOrAdd(gate, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public static bool May(IActorRequest request)
    {
        Kept = request;
        for (int index = 0; index < request.ArgumentCount; index++)
        {
            switch (request.GetArgument(index))
            {
                case Letter letter:
                    Asked.Enqueue($"{request.TargetId} {request.InterfaceName}.{request.MethodName} {letter.Gate} {letter.How} {request.IsTell}");
                    return letter.How == "throws" ? throw new InvalidOperationException("undecided") : letter.How == "beside";
                case string how:
                    return how == "beside" && request.GetArgument(1) is Payload<int> { Length: > 0 } or Stream { CanRead: true };
            }
        }

        return false;
    }

    public static IActorRequest? Kept { get; private set; }
}

[MayInterleave(nameof(May))]
public sealed class PickyActor : PickyBase, IPicky
{
    private int _open;

    public async Task<int> Wait(Letter letter)
    {
        _open++;
        await GateOf(letter.Gate).Task;
        return _open--;
    }

    public ValueTask<int> Take(Letter letter) => new(_open);

    public ValueTask<int> Weigh(string how, Payload<int> payload)
    {
        int sum = 0;
        foreach (int value in payload.Span)
        {
            sum += value;
        }

        return new(sum);
    }

    public async ValueTask<int> Measure(string how, Stream stream)
    {
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return (int)copy.Length;
    }

    public Task Drop(Letter letter)
    {
        GateOf(letter.Gate).TrySetResult();
        return Task.CompletedTask;
    }

    public ValueTask<int> Plain() => new(_open);

    public ValueTask StartTimer(string gate)
    {
        RegisterTimer(_ =>
        {
            GateOf(gate).TrySetResult();
            return Task.CompletedTask;
        }, new ActorTimerOptions(TimeSpan.FromMilliseconds(1), TimeSpan.Zero));
        return default;
    }

    public Task<int> AskThrough(string other, Letter back) => Actors.Get<IPicky>(other).AskBack(Key.Text, back);

    public async Task<int> AskBack(string first, Letter back) => await Actors.Get<IPicky>(first).Take(back);
}
