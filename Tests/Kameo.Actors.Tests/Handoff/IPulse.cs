using Kameo.Actors.Tests.Membership;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>An actor whose turns overlap.</summary>
public interface IPulse : IGrainWithStringKey
{
    ValueTask<string> Wait(string gate);
}

[Reentrant]
public sealed class PulseActor : Actor, IPulse
{
    public async ValueTask<string> Wait(string gate)
    {
        ProbeGates.Of(gate).Entered.TrySetResult();
        await ProbeGates.Of(gate).Open.Task;
        return ((ActorNode)Actors).Id.ToString();
    }
}
