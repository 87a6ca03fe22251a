using Microsoft.Extensions.Logging;

namespace Kameo.Actors;

/// <summary>What the life of actors logs: timers, supervision, links, collection; event ids 240 to 259.</summary>
internal static partial class LifeLog
{
    [LoggerMessage(240, LogLevel.Warning, "A timer of {Actor} failed; it goes on.")]
    public static partial void TimerFailed(ILogger logger, Exception exception, string actor);

    [LoggerMessage(241, LogLevel.Error, "{Actor} failed and is stopped: it takes no calls for {BackOff}.")]
    public static partial void Stopped(ILogger logger, Exception exception, string actor, TimeSpan backOff);

    [LoggerMessage(242, LogLevel.Warning, "{Actor} failed while it decided on a failure; the policy of its class is taken.")]
    public static partial void DecisionFailed(ILogger logger, Exception exception, string actor);

    [LoggerMessage(243, LogLevel.Warning, "Memory is {UsedPercent:F0} % used: {Count} of {Of} actors are deactivated, those used longest ago.")]
    public static partial void Shedding(ILogger logger, double usedPercent, long count, int of);

    [LoggerMessage(244, LogLevel.Debug, "What {Actor} has to say of its link with {Linked} did not reach that one's node.")]
    public static partial void MessageLost(ILogger logger, Exception exception, string actor, string linked);

    [LoggerMessage(245, LogLevel.Warning, "The [MayInterleave] predicate of {Class} failed, first for {Method}: such calls wait for their turn as any other. It is said once.")]
    public static partial void PredicateFailed(ILogger logger, Exception exception, string @class, string method);
}
