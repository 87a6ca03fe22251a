using Orleans;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>An actor whose every step is written into a <see cref="Ledger"/> of the process, so that two of it at a time, calls out of order and lost calls are seen. Its key is the ledger's name, a slash and its own.</summary>
public interface IVisited : IGrainWithStringKey
{
    /// <returns>The node it runs on.</returns>
    ValueTask<string> Visit(string caller, long number);

    /// <summary>The same, and it suspends.</summary>
    ValueTask<string> VisitSlowly(string caller, long number);

    ValueTask<long> Fence();

    ValueTask Restart();
}

/// <summary>One that is told of its end.</summary>
public interface IWanderer : IVisited;

/// <summary>One that is not.</summary>
public interface ISilent : IVisited;

public abstract class VisitedActor : Actor
{
    protected Ledger.Entry Entry => field ??= Ledger.Of(Key.Text);

    public override ValueTask OnActivateAsync(CancellationToken cancellation)
    {
        Entry.Activated(this, Node, Context.Fence);
        return default;
    }

    public ValueTask<string> Visit(string caller, long number)
    {
        Entry.Enter(this, caller, number);
        Entry.Leave();
        return new(Node);
    }

    public async ValueTask<string> VisitSlowly(string caller, long number)
    {
        Entry.Enter(this, caller, number);
        Entry.Suspend();
        await Task.Yield();
        await Task.Run(static () => Thread.SpinWait(200));
        Entry.Resume(this);
        Entry.Leave();
        return Node;
    }

    public ValueTask<long> Fence() => new(Context.Fence);

    public ValueTask Restart()
    {
        DeactivateOnIdle();
        return default;
    }

    protected string Node => ((ActorNode)Actors).Id.ToString();
}

public sealed class WandererActor : VisitedActor, IWanderer
{
    public override async ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
    {
        await Task.Yield();
        Entry.Deactivated(this, reason);
    }
}

public sealed class SilentActor : VisitedActor, ISilent;
