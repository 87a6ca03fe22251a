using Kameo.Actors.Tests.Calls;
using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>An actor that links itself with others and writes what it hears to the journal of its key.</summary>
public interface ILinked : IGrainWithStringKey
{
    ValueTask Link(string other);

    ValueTask LinkMany(string[] others);

    ValueTask Unlink(string other);

    ValueTask LinkItself();

    ValueTask Touch();

    ValueTask Leave();

    ValueTask Fail();

    /// <summary>Fails of an exception that travels as itself.</summary>
    ValueTask FailOverdrawn(decimal missing, string hint);

    /// <summary>What becomes of it when it hears of a death: it writes, and then <c>leave</c>s, <c>fail</c>s, or links <c>again</c>.</summary>
    ValueTask OnDeath(string what);

    Task Hold(string gate);
}

[OnFailure(FailurePolicy.Restart, LimitCount = 100)]
[CollectionAgeLimit(Minutes = 1)]
public sealed class LinkedActor : Actor, ILinked
{
    private string _onDeath = string.Empty;

    private Journal Journal => Journal.Of(Key.Text);

    public override ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
    {
        Journal.Write($"deactivated: {reason}");
        return default;
    }

    public override FailurePolicy DecideOnFailure(Exception exception) => exception is ArgumentException or OverloadedException ? FailurePolicy.Propagate : base.DecideOnFailure(exception);

    public ValueTask Link(string other) => LinkAsync(Other(other));

    public async ValueTask LinkMany(string[] others)
    {
        foreach (string other in others)
        {
            await LinkAsync(Other(other));
        }
    }

    public ValueTask Unlink(string other) => UnlinkAsync(Other(other));

    public ValueTask LinkItself() => LinkAsync(Other(Key.Text));

    public ValueTask Touch() => default;

    public ValueTask Leave()
    {
        DeactivateOnIdle();
        return default;
    }

    public ValueTask Fail() => throw new UnlinkedException("it fails");

    public ValueTask FailOverdrawn(decimal missing, string hint) => throw new OverdrawnException("it fails", missing) { Hints = [hint] };

    public ValueTask OnDeath(string what)
    {
        _onDeath = what;
        return default;
    }

    public async Task Hold(string gate)
    {
        Journal.Write("held");
        await Journal.Gate(gate).Task;
    }

    public override async ValueTask OnLinkDiedAsync(ActorId who, DeactivationReason reason, Exception? why)
    {
        Assert.NotNull(SynchronizationContext.Current);
        Journal.Write($"died: {who.Key.Text}, {reason}{(why is null ? string.Empty : $", {(why as ActorFaultException)?.TypeName ?? why.GetType().FullName}: {(why as ActorFaultException)?.FaultMessage ?? why.Message}{(why is OverdrawnException { Missing: var missing } ? $" of {missing}" : string.Empty)}")}");
        switch (_onDeath)
        {
            case "leave":
                DeactivateOnIdle();
                break;
            case "fail":
                throw new InvalidOperationException("cannot bear it");
            case "again":
                await LinkAsync(Other(who.Key.Text));
                break;
        }
    }

    private ILinked Other(string key) => Actors.Get<ILinked>(key);
}

/// <summary>An exception that does not travel as itself.</summary>
public sealed class UnlinkedException(string message) : Exception(message);
