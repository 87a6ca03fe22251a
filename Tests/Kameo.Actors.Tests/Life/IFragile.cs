using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Life;

/// <summary>An actor that fails when told to; what becomes of it depends on the class.</summary>
public interface IFragile : IGrainWithStringKey
{
    /// <summary>Counts the calls of this instance.</summary>
    ValueTask<int> Count();

    ValueTask Fail(string how);

    /// <summary>Waits for a gate, then fails.</summary>
    Task FailAfter(string gate);

    [OneWay]
    ValueTask FailUnheard();

    ValueTask FailInTimer();

    Task WaitFor(CancellationToken cancellation);
}

public interface IRestarted : IFragile;

public interface IRestartedTogether : IFragile;

public interface IStopped : IFragile;

public interface IPropagating : IFragile;

public interface IDeciding : IFragile;

public interface IMisconfigured : IFragile;

[OnFailure(FailurePolicy.Restart, LimitCount = 3, WithinSeconds = 10, BackOffSeconds = 20)]
public sealed class RestartedActor : FragileActor, IRestarted;

[Reentrant]
[OnFailure(FailurePolicy.Restart, LimitCount = 3, WithinSeconds = 10, BackOffSeconds = 20)]
public sealed class RestartedTogetherActor : FragileActor, IRestartedTogether;

[OnFailure(FailurePolicy.Stop, BackOffSeconds = 20)]
public sealed class StoppedActor : FragileActor, IStopped;

public sealed class PropagatingActor : FragileActor, IPropagating;

[OnFailure(FailurePolicy.Stop)]
public sealed class DecidingActor : FragileActor, IDeciding
{
    public override FailurePolicy DecideOnFailure(Exception exception) => exception switch
    {
        InvalidDataException => FailurePolicy.Restart,
        ArgumentException => FailurePolicy.Propagate,
        FormatException => throw new NotSupportedException("cannot decide"),
        _ => base.DecideOnFailure(exception),
    };
}

[OnFailure(FailurePolicy.Restart, LimitCount = 0)]
public sealed class MisconfiguredActor : FragileActor, IMisconfigured;

public abstract class FragileActor : Actor
{
    private int _count;

    private Journal Journal => Journal.Of(Key.Text);

    public override ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
    {
        Journal.Write($"deactivated: {reason}");
        return default;
    }

    public ValueTask<int> Count() => new(++_count);

    public ValueTask Fail(string how) => throw (how switch
    {
        "argument" => new ArgumentException("a bad argument"),
        "data" => new InvalidDataException("bad data"),
        "format" => new FormatException("a bad format"),
        _ => new InvalidOperationException("fails"),
    });

    public async Task FailAfter(string gate)
    {
        Journal.Write("waits");
        await Journal.Gate(gate).Task;
        throw new InvalidOperationException("fails late");
    }

    public ValueTask FailUnheard() => throw new InvalidOperationException("unheard");

    public ValueTask FailInTimer()
    {
        RegisterTimer(static _ => throw new InvalidOperationException("a tick fails"), new ActorTimerOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        return default;
    }

    public Task WaitFor(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);
}
