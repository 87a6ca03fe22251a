using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Workers;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Tests;

/// <summary>What is wrong with a node's options is said before it starts, and nothing that they say is passed over.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, Action<ActorNodeOptions>> Wrong => new()
    {
        { "is no class of actors", static options => options.ClassSpecificPlacement[typeof(ICounter)] = new(ActorPlacement.Random) },
        { "is no class of actors", static options => options.ClassSpecificCollectionAge[typeof(string)] = TimeSpan.FromMinutes(1) },
        { "placement that is none", static options => options.ClassSpecificPlacement[typeof(CounterActor)] = new((ActorPlacement)77) },
        { "stateless worker", static options => options.ClassSpecificPlacement[typeof(WorkerActor)] = new(ActorPlacement.Random) },
        { "DrainTimeout must be at most", static options => options.DrainTimeout = TimeSpan.MaxValue },
        { "ActivationTimeout must be positive", static options => options.ActivationTimeout = TimeSpan.Zero },
        { "DeactivationTimeout must be at most", static options => options.DeactivationTimeout = TimeSpan.FromDays(25) },
        { "LeaveTimeout must not be negative", static options => options.Membership!.LeaveTimeout = TimeSpan.MaxValue },
        { "ClusterName", static options => options.ClusterName = null! },
        { "Limits", static options => options.Limits = null! },
        { "TimeProvider must not be null", static options => options.TimeProvider = null! },
        { "must not contain null", static options => options.IncomingFilters.Add(null!) },
        { "must not contain null", static options => options.OutgoingFilters.Add(null!) },
        { "Labels", static options => options.Membership!.Labels.Add(null!) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_said(string error, Action<ActorNodeOptions> set)
    {
        var options = new ActorNodeOptions { Trust = TrustPolicy.Anyone() };
        Assert.Empty(options.Validate());
        set(options);
        Assert.Contains(error, Assert.Single(options.Validate()), StringComparison.Ordinal);
    }
}
