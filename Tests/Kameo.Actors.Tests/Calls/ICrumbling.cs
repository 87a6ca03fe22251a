using System.Runtime.CompilerServices;
using Kameo.Actors.Tests.Life;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>An actor whose items fail; what becomes of it depends on the class.</summary>
public interface ICrumbling : IGrainWithStringKey
{
    /// <summary>Counts the calls of this instance.</summary>
    ValueTask<int> Count();

    IAsyncEnumerable<int> Fail(int after, string how);

    IAsyncEnumerable<int> FailAtTheirEnd();

    /// <summary>One, then nothing until a token fires.</summary>
    IAsyncEnumerable<int> Wait(CancellationToken cancellation);

    IAsyncEnumerable<Crumb> Crumbs(int depth);
}

public interface ICrumblingAway : ICrumbling;

public interface IRebuilt : ICrumbling;

public interface IClosed : ICrumbling;

/// <summary>As deep as one likes: too deep to be encoded.</summary>
public sealed record Crumb(int Size, Crumb? Inner);

public sealed class CrumbleException(string message) : Exception(message);

public sealed class CrumblingAwayActor : CrumblingActor, ICrumblingAway;

[OnFailure(FailurePolicy.Restart, LimitCount = 100, WithinSeconds = 10)]
public sealed class RebuiltActor : CrumblingActor, IRebuilt;

[OnFailure(FailurePolicy.Stop, BackOffSeconds = 1_000)]
public sealed class ClosedActor : CrumblingActor, IClosed
{
    public override FailurePolicy DecideOnFailure(Exception exception) => exception is InvalidDataException ? FailurePolicy.Propagate : base.DecideOnFailure(exception);
}

public abstract class CrumblingActor : Actor
{
    private int _count;

    public override ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
    {
        Journal.Of(Key.Text).Write($"deactivated: {reason}");
        return default;
    }

    public ValueTask<int> Count() => new(++_count);

    public async IAsyncEnumerable<int> Fail(int after, string how)
    {
        for (int number = 0; number < after; number++)
        {
            yield return number;
        }

        await Task.Yield();
        throw (how switch
        {
            "data" => new InvalidDataException("bad data"),
            "own" => new CrumbleException("to crumbs"),
            "cancelled" => new OperationCanceledException("somebody else's token"),
            _ => new InvalidOperationException("fails"),
        });
    }

    public async IAsyncEnumerable<int> FailAtTheirEnd()
    {
        try
        {
            yield return 1;
            await Task.Yield();
            yield return 2;
        }
        finally
        {
            await Fallen();
        }
    }

    public async IAsyncEnumerable<int> Wait([EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            yield return 1;
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            Journal.Of(Key.Text).Write("cancelled");
        }
    }

    public async IAsyncEnumerable<Crumb> Crumbs(int depth)
    {
        await Task.Yield();
        yield return new Crumb(0, Inner: null);
        Crumb? crumb = null;
        for (int level = 0; level < depth; level++)
        {
            crumb = new Crumb(level, crumb);
        }

        yield return crumb!;
    }

    private static Task Fallen() => throw new CrumbleException("at their end");
}
