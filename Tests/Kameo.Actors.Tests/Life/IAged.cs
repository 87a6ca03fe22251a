using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>Actors that differ in how long they are kept.</summary>
public interface IAged : IGrainWithStringKey
{
    ValueTask Touch();

    ValueTask Delay(TimeSpan span);

    Task Hold(string gate);

    IAsyncEnumerable<int> Numbers();
}

public interface IOfDefaultAge : IAged;

public interface IOfShortAge : IAged;

public interface IOfLongAge : IAged;

public interface IOfWrongAge : IAged;

public interface IKept : IAged;

public sealed class OfDefaultAgeActor : AgedActor, IOfDefaultAge;

[CollectionAgeLimit(Seconds = 30)]
public sealed class OfShortAgeActor : AgedActor, IOfShortAge;

[CollectionAgeLimit(Minutes = 2, Seconds = 30)]
public sealed class OfLongAgeActor : AgedActor, IOfLongAge;

[CollectionAgeLimit]
public sealed class OfWrongAgeActor : AgedActor, IOfWrongAge;

[KeepAlive]
[CollectionAgeLimit(Seconds = 30)]
public sealed class KeptActor : AgedActor, IKept;

public abstract class AgedActor : Actor
{
    public override ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
    {
        Journal.Of(Key.Text).Write($"deactivated: {reason}");
        return default;
    }

    public ValueTask Touch() => default;

    public ValueTask Delay(TimeSpan span)
    {
        DelayDeactivation(span);
        return default;
    }

    public async IAsyncEnumerable<int> Numbers()
    {
        await Task.Yield();
        yield return 1;
    }

    public async Task Hold(string gate)
    {
        Journal.Of(Key.Text).Write("held");
        await Journal.Of(Key.Text).Gate(gate).Task;
    }
}
