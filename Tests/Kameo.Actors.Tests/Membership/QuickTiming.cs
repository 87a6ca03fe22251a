using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Membership;

/// <summary>Durations for tests, in the same relations as the profiles'.</summary>
internal static class QuickTiming
{
    public static readonly ViewTiming Timing = new()
    {
        RenewEvery = TimeSpan.FromMilliseconds(100),
        Heartbeat = TimeSpan.FromMilliseconds(50),
        ElectionMin = TimeSpan.FromMilliseconds(200),
        ElectionMax = TimeSpan.FromMilliseconds(400),
        RoundTripMax = TimeSpan.FromMilliseconds(50),
        Lease = TimeSpan.FromMilliseconds(1500),
        FoundAloneAfter = TimeSpan.FromMilliseconds(100),
        RetryEvery = TimeSpan.FromMilliseconds(100),
    };

    public static ActorNodeOptions Options(Action<ActorNodeOptions>? configure = null)
    {
        var options = new ActorNodeOptions
        {
            Trust = TrustPolicy.Anyone(),
            ClusterName = "membership-tests",
            Membership = new MembershipOptions { Timing = Timing, LeaveTimeout = TimeSpan.FromSeconds(1) },
        };
        configure?.Invoke(options);
        return options;
    }
}
