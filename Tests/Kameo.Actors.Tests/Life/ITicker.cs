using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Life;

/// <summary>An actor with a timer; writes what happens to the journal of its key.</summary>
public interface ITicker : IGrainWithStringKey
{
    ValueTask Start(TimerPlan plan);

    ValueTask Change(TimeSpan dueTime, TimeSpan period);

    ValueTask Stop();

    /// <summary>Holds a turn until a gate opens.</summary>
    Task Hold(string gate);

    ValueTask Touch();

    ValueTask StartMany(int count);

    ValueTask Leave();

    [OneWay]
    ValueTask LeaveSoon();
}

public sealed record TimerPlan(TimeSpan DueTime, TimeSpan Period)
{
    public bool Interleave { get; init; }

    public bool KeepAlive { get; init; }

    /// <summary>A gate that each tick waits for; null: it ends at once.</summary>
    public string? Gate { get; init; }

    /// <summary>Whether each tick throws.</summary>
    public bool Fails { get; init; }
}

public sealed class TickerActor : Actor, ITicker
{
    private IActorTimer? _timer;
    private int _inside;
    private int _ticks;

    private Journal Journal => Journal.Of(Key.Text);

    public override ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
    {
        Journal.Write($"deactivated: {reason}");
        return default;
    }

    public ValueTask Start(TimerPlan plan)
    {
        _timer = RegisterTimer(
            async (plan, stopped) =>
            {
                Assert.NotNull(SynchronizationContext.Current);
                Journal.Write($"tick {++_ticks}{(_inside != 0 ? " beside a turn" : string.Empty)}");
                if (plan.Gate is { } gate)
                {
                    await Journal.Gate(gate).Task.WaitAsync(stopped);
                    Journal.Write("tick ends");
                }

                if (plan.Fails)
                {
                    throw new InvalidDataException("a tick that fails");
                }
            },
            plan,
            new ActorTimerOptions(plan.DueTime, plan.Period) { Interleave = plan.Interleave, KeepAlive = plan.KeepAlive });
        return default;
    }

    public ValueTask Change(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return default;
    }

    public ValueTask Stop()
    {
        _timer!.Dispose();
        return default;
    }

    public async Task Hold(string gate)
    {
        _inside++;
        Journal.Write("held");
        await Journal.Gate(gate).Task;
        _inside--;
    }

    public ValueTask Touch() => default;

    public ValueTask StartMany(int count)
    {
        for (int index = 0; index < count; index++)
        {
            RegisterTimer(static _ => default(ValueTask), new ActorTimerOptions { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });
        }

        return default;
    }

    public ValueTask Leave()
    {
        DeactivateOnIdle();
        return default;
    }

    public ValueTask LeaveSoon() => Leave();
}
