using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Moves;

/// <summary>Hears what an actor says, wherever that is.</summary>
public interface IHearer : IGrainObserver
{
    void Hear(string text);

    Task<string> Answer(string text);
}

/// <summary>An actor that is moved in the middle of what it does. What becomes of it is in the journal of its key.</summary>
public interface IMover : IGrainWithStringKey
{
    ValueTask<string> Node();

    ValueTask<long> Fence();

    ValueTask Note(string what);

    /// <summary>Waits in a turn for a gate of <see cref="ProbeGates"/>, or for its token.</summary>
    ValueTask<string> Hold(string gate, CancellationToken cancellation = default);

    /// <summary>The same, with another's turn as its own answer.</summary>
    ValueTask<string> ForwardHold(string to, string gate, CancellationToken cancellation = default);

    /// <summary>Enters a gate, waits until it is open, asks another, which asks back.</summary>
    ValueTask<string> Around(string other, string gate);

    ValueTask<string> Back(string first);

    ValueTask<string?> Said();

    ValueTask Observe(IHearer hearer);

    ValueTask<int> Publish(string text);

    ValueTask<string> AskHearer(IHearer hearer, string text);

    ValueTask Link(string other);

    /// <summary>Asks to be ended, and holds that up in a turn.</summary>
    ValueTask<string> LeaveAfter(string gate);

    ValueTask Stay(TimeSpan atLeast);

    ValueTask Tick();

    /// <summary>Numbers without end; between the third and the fourth it waits for a gate.</summary>
    IAsyncEnumerable<int> Numbers(string gate);
}

/// <summary>Placed by its slot alone.</summary>
public interface IHashedMover : IMover;

/// <summary>Placed by choice.</summary>
public interface IPlacedMover : IMover;

public abstract class MoverActor : Actor
{
    private readonly List<IHearer> _hearers = [];

    private protected string Here => ((ActorNode)Actors).Id.ToString();

    private Journal Journal => Journal.Of(Key.Text);

    public override ValueTask OnActivateAsync(CancellationToken cancellation)
    {
        Journal.Write($"activated {Here}");
        return default;
    }

    public override ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
    {
        Journal.Write($"deactivated {Here} {reason}");
        return default;
    }

    public override ValueTask OnLinkDiedAsync(ActorId who, DeactivationReason reason, Exception? why)
    {
        Journal.Write($"died {who.Key.Text} {reason}");
        return default;
    }

    public ValueTask<string> Node() => new(Here);

    public ValueTask<long> Fence() => new(Context.Fence);

    public ValueTask Note(string what)
    {
        Journal.Write($"{what} {Here}");
        return default;
    }

    public async ValueTask<string> Hold(string gate, CancellationToken cancellation = default)
    {
        ProbeGates.Gate found = ProbeGates.Of(gate);
        await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static gate => ((ProbeGates.Gate)gate!).Cancelled.TrySetResult(), found);
        found.Entered.TrySetResult();
        await Task.WhenAny(found.Open.Task, found.Cancelled.Task);
        cancellation.ThrowIfCancellationRequested();
        return Here;
    }

    public ValueTask<string> ForwardHold(string to, string gate, CancellationToken cancellation = default) => Forward(Other(to).Hold(gate, cancellation));

    public async ValueTask<string> Around(string other, string gate)
    {
        ProbeGates.Of(gate).Entered.TrySetResult();
        await ProbeGates.Of(gate).Open.Task;
        using (RequestContext.AllowCallChainReentrancy())
        {
            return $"{await Other(other).Back(Key.Text)} {Here}";
        }
    }

    public ValueTask<string> Back(string first) => Other(first).Node();

    public ValueTask<string?> Said() => new($"{RequestContext.Get("said")} {Here}");

    public ValueTask Observe(IHearer hearer)
    {
        _hearers.Add(hearer);
        return default;
    }

    public ValueTask<int> Publish(string text)
    {
        _hearers.ForEach(hearer => hearer.Hear(text));
        return new(_hearers.Count);
    }

    public async ValueTask<string> AskHearer(IHearer hearer, string text) => $"{await hearer.Answer(text)} {Here}";

    public ValueTask Link(string other) => LinkAsync(Other(other));

    public async ValueTask<string> LeaveAfter(string gate)
    {
        DeactivateOnIdle();
        ProbeGates.Of(gate).Entered.TrySetResult();
        await ProbeGates.Of(gate).Open.Task;
        return Here;
    }

    public ValueTask Stay(TimeSpan atLeast)
    {
        DelayDeactivation(atLeast);
        return default;
    }

    public ValueTask Tick()
    {
        RegisterTimer(
            _ =>
            {
                Journal.Write($"tick {Here}");
                return ValueTask.CompletedTask;
            },
            new ActorTimerOptions(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)));
        return default;
    }

    public async IAsyncEnumerable<int> Numbers(string gate)
    {
        for (int number = 1; ; number++)
        {
            if (number == 4)
            {
                ProbeGates.Of(gate).Entered.TrySetResult();
                await ProbeGates.Of(gate).Open.Task;
            }

            yield return number;
        }
    }

    private protected abstract IMover Other(string key);
}

public sealed class HashedMoverActor : MoverActor, IHashedMover
{
    private protected override IMover Other(string key) => Actors.Get<IHashedMover>(key);
}

[ActorPlacement(ActorPlacement.PreferLocal)]
public sealed class PlacedMoverActor : MoverActor, IPlacedMover
{
    private protected override IMover Other(string key) => Actors.Get<IPlacedMover>(key);
}

/// <summary>Says how often it ticked: its timer is made as it is activated.</summary>
public interface ITicking : IGrainWithStringKey
{
    ValueTask<int> Ticks();
}

[Reentrant]
public sealed class TickingActor : Actor, ITicking
{
    private int _ticks;

    private string Here => ((ActorNode)Actors).Id.ToString();

    public override ValueTask OnActivateAsync(CancellationToken cancellation)
    {
        RegisterTimer(
            _ =>
            {
                _ticks++;
                Journal.Of(Key.Text).Write(Here);
                return ValueTask.CompletedTask;
            },
            new ActorTimerOptions(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)));
        return default;
    }

    public ValueTask<int> Ticks() => new(_ticks);
}
