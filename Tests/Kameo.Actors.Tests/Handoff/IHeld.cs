using System.Collections.Concurrent;
using Kameo.Actors.Tests.Membership;
using Orleans;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>An actor that a test makes busy, so that what is sent to it waits while its slot moves.</summary>
public interface IHeld : IGrainWithStringKey
{
    /// <summary>Waits in a turn for a gate of <see cref="ProbeGates"/>, or for its token.</summary>
    ValueTask<string> Wait(string gate, CancellationToken cancellation = default);

    /// <summary>Lets its call chain in, and asks another, which asks back.</summary>
    ValueTask<string> AskThrough(string other, string gate);

    ValueTask<string> AskBack(string first, string gate);

    ValueTask<string> Node();

    ValueTask Note(string what);

    ValueTask<int> Read(Stream stream);

    ValueTask<int> Sum(IAsyncEnumerable<int> numbers);

    ValueTask<Payload<int>> Twice(Payload<int> numbers);

    ValueTask<bool> UntilCancelled(string gate, CancellationToken cancellation);

    ValueTask<string?> Said();

    ValueTask Keep(byte[] bytes);

    IAsyncEnumerable<int> Count(int to);

    ValueTask StartTimer(string gate);

    ValueTask LinkWith(IHeld other);
}

/// <summary>What actors of a test wrote, by key.</summary>
public static class HeldNotes
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> s_notes = new(StringComparer.Ordinal);

    public static ConcurrentQueue<string> Of(string key) => s_notes.GetOrAdd(key, static _ => []);
}

public sealed class HeldActor : Actor, IHeld
{
    private string Here => ((ActorNode)Actors).Id.ToString();

    public override ValueTask OnActivateAsync(CancellationToken cancellation)
    {
        HeldNotes.Of(Key.Text).Enqueue($"activated {Here}");
        return default;
    }

    public override ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
    {
        HeldNotes.Of(Key.Text).Enqueue($"deactivated {Here} {reason}");
        return default;
    }

    public async ValueTask<string> Wait(string gate, CancellationToken cancellation = default)
    {
        ProbeGates.Gate found = ProbeGates.Of(gate);
        await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static gate => ((ProbeGates.Gate)gate!).Cancelled.TrySetResult(), found);
        found.Entered.TrySetResult();
        await Task.WhenAny(found.Open.Task, found.Cancelled.Task);
        HeldNotes.Of(Key.Text).Enqueue($"waited {Here}");
        return Here;
    }

    public async ValueTask<string> AskThrough(string other, string gate)
    {
        ProbeGates.Of(gate).Entered.TrySetResult();
        await ProbeGates.Of(gate).Open.Task;
        using (RequestContext.AllowCallChainReentrancy())
        {
            return await Actors.Get<IHeld>(other).AskBack(Key.Text, gate) + " " + Here;
        }
    }

    public async ValueTask<string> AskBack(string first, string gate) => await Actors.Get<IHeld>(first).Node();

    public ValueTask<string> Node() => new(Here);

    public ValueTask Note(string what)
    {
        HeldNotes.Of(Key.Text).Enqueue($"{what} {Here}");
        return default;
    }

    public async ValueTask<int> Read(Stream stream)
    {
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray().Select(static (value, index) => value == (byte)index ? 1 : 0).Sum();
    }

    public async ValueTask<int> Sum(IAsyncEnumerable<int> numbers)
    {
        int sum = 0;
        await foreach (int number in numbers)
        {
            sum += number;
        }

        return sum;
    }

    public ValueTask<Payload<int>> Twice(Payload<int> numbers)
    {
        Payload<int> twice = Payload.Rent<int>(numbers.Length);
        for (int index = 0; index < numbers.Length; index++)
        {
            twice.Span[index] = numbers.Span[index] * 2;
        }

        return new(twice);
    }

    public async ValueTask<bool> UntilCancelled(string gate, CancellationToken cancellation)
    {
        ProbeGates.Of(gate).Entered.TrySetResult();
        var cancelled = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static cancelled => ((TaskCompletionSource)cancelled!).TrySetResult(), cancelled);
        await cancelled.Task;
        ProbeGates.Of(gate).Cancelled.TrySetResult();
        return true;
    }

    public ValueTask<string?> Said() => new(RequestContext.Get("said") as string);

    public ValueTask Keep(byte[] bytes)
    {
        HeldNotes.Of(Key.Text).Enqueue($"kept {bytes.Length} {bytes.Select(static (value, index) => value == (byte)(index * 7)).All(static same => same)}");
        return default;
    }

    public async IAsyncEnumerable<int> Count(int to)
    {
        for (int number = 1; number <= to; number++)
        {
            yield return number;
            await Task.Yield();
        }
    }

    public ValueTask StartTimer(string gate)
    {
        RegisterTimer(
            cancellation =>
            {
                HeldNotes.Of(Key.Text).Enqueue($"tick {Here}");
                ProbeGates.Of(gate).Passed.TrySetResult();
                return ValueTask.CompletedTask;
            },
            new ActorTimerOptions(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20)));
        return default;
    }

    public ValueTask LinkWith(IHeld other) => LinkAsync(other);
}
