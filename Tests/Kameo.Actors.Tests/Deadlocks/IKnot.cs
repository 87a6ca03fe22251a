using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>How a method waits for the actor that it asks.</summary>
public enum Waiting
{
    Await,
    AwaitTask,
    ConfigureAwait,
    Through,
    Return,
    All,
    Any,
    Timeout,
    Unawaited,
    Helper,
    Confess,
}

/// <summary>An actor that asks others.</summary>
public interface IKnot : IGrainWithStringKey
{
    /// <summary>Asks the next actor of a path to go on with it.</summary>
    ValueTask<string> Follow(string[] path, Waiting waiting, string gate);

    /// <summary>The same as a task.</summary>
    Task<string> FollowTask(string[] path, Waiting waiting, string gate);

    /// <summary>The same, beside whatever runs.</summary>
    [AlwaysInterleave]
    Task<string> FollowMeanwhile(string[] path, Waiting waiting, string gate);

    /// <summary>Waits at the gate, then asks another actor who it is.</summary>
    Task<string> Cross(string other, string gate);

    ValueTask<string> Who();

    [AlwaysInterleave]
    ValueTask<string> WhoMeanwhile();

    [ReadOnly]
    Task<string> CrossReading(string other, string gate);

    [ReadOnly]
    ValueTask<string> WhoReading();

    /// <summary>Asks another actor so many times, one after the other.</summary>
    ValueTask<long> Often(string other, int times);

    ValueTask<long> One();
}

public sealed class KnotActor : Actor, IKnot
{
    public ValueTask<string> Follow(string[] path, Waiting waiting, string gate) =>
        path.Length == 0 ? new ValueTask<string>(Key.Text)
        : waiting == Waiting.Return ? Next(path).Follow(path[1..], waiting, gate)
        : new ValueTask<string>(AskAsync(path, waiting, gate));

    public Task<string> FollowTask(string[] path, Waiting waiting, string gate) =>
        path.Length == 0 ? Task.FromResult(Key.Text) : AskAsync(path, waiting, gate);

    public Task<string> FollowMeanwhile(string[] path, Waiting waiting, string gate) => FollowTask(path, waiting, gate);

    public async Task<string> Cross(string other, string gate)
    {
        await Gates.Of(gate).PassAsync();
        return $"{Key} {await Actors.Get<IKnot>(other).Who()}";
    }

    public ValueTask<string> Who() => new(Key.Text);

    public ValueTask<string> WhoMeanwhile() => new(Key.Text);

    public async Task<string> CrossReading(string other, string gate)
    {
        await Gates.Of(gate).PassAsync();
        return $"{Key} {await Actors.Get<IKnot>(other).WhoReading()}";
    }

    public ValueTask<string> WhoReading() => new(Key.Text);

    public async ValueTask<long> Often(string other, int times)
    {
        IKnot knot = Actors.Get<IKnot>(other);
        long sum = 0;
        for (int time = 0; time < times; time++)
        {
            sum += await knot.One();
        }

        return sum;
    }

    public ValueTask<long> One() => new(1);

    private async Task<string> AskAsync(string[] path, Waiting waiting, string gate)
    {
        IKnot next = Next(path);
        string[] rest = path[1..];
        switch (waiting)
        {
            case Waiting.Await:
                return $"{Key} {await next.Follow(rest, waiting, gate)}";
            case Waiting.ConfigureAwait:
                string key = Key.Text;
                return $"{key} {await next.FollowTask(rest, waiting, gate).ConfigureAwait(false)}";
            case Waiting.Through:
                return $"{Key} {await OuterAsync(next, rest, waiting, gate)}";
            case Waiting.All:
                return string.Join(' ', await Task.WhenAll(next.FollowTask(rest, waiting, gate), Task.FromResult("all")));
            case Waiting.Any:
                await Task.WhenAny(next.FollowTask(rest, Waiting.Await, gate), Gates.Of(gate).PassAsync());
                return Key.Text;
            case Waiting.Timeout:
                await ((Task)next.FollowTask(rest, Waiting.Await, gate)).WaitAsync(TimeSpan.FromMinutes(1), Gates.Of(gate).CancelledOnceOpen).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return Key.Text;
            case Waiting.Unawaited:
                Task<string> unawaited = next.FollowTask(rest, Waiting.Await, gate);
                await Gates.Of(gate).PassAsync();
                return Key.Text;
            case Waiting.Helper:
                _ = OuterAsync(next, rest, Waiting.Await, gate);
                await Gates.Of(gate).PassAsync();
                return Key.Text;
            case Waiting.Confess:
                try
                {
                    return await next.Follow(rest, waiting, gate);
                }
                catch (ActorDeadlockException told)
                {
                    return $"{told.Outcome}: {told.Chain}";
                }

            default:
                return $"{Key} {await next.FollowTask(rest, waiting, gate)}";
        }
    }

    private static async Task<string> OuterAsync(IKnot next, string[] rest, Waiting waiting, string gate)
    {
        await Task.Yield();
        return await InnerAsync(next, rest, waiting, gate);
    }

    private static async ValueTask<string> InnerAsync(IKnot next, string[] rest, Waiting waiting, string gate) => await next.Follow(rest, waiting, gate);

    private IKnot Next(string[] path) => Actors.Get<IKnot>(path[0]);
}
