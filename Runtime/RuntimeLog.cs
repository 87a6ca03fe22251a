using Microsoft.Extensions.Logging;

namespace Kameo.Actors;

/// <summary>What the runtime logs; event ids 200 to 299.</summary>
internal static partial class RuntimeLog
{
    [LoggerMessage(200, LogLevel.Warning, "A tell failed at {Actor}: {Method}. Nobody waits for it.")]
    public static partial void TellFailed(ILogger logger, Exception exception, string actor, string method);

    [LoggerMessage(201, LogLevel.Error, "{Actor} could not be activated; its callers get the exception.")]
    public static partial void ActivationFailed(ILogger logger, Exception exception, string actor);

    [LoggerMessage(202, LogLevel.Warning, "{Actor} failed while it was being deactivated; it is gone all the same.")]
    public static partial void DeactivationFailed(ILogger logger, Exception exception, string actor);

    [LoggerMessage(203, LogLevel.Warning, "What {Peer} says it hosts is malformed; it is treated as hosting nothing.")]
    public static partial void BadHostedTypes(ILogger logger, Exception exception, string peer);

    [LoggerMessage(204, LogLevel.Information, "Node {Node} of cluster '{Cluster}' listens on {Address} and hosts {Classes} actor classes.")]
    public static partial void Started(ILogger logger, string node, string cluster, string address, int classes);

    [LoggerMessage(205, LogLevel.Information, "Node {Node} stops: {Actors} actors are deactivated.")]
    public static partial void Stopping(ILogger logger, string node, int actors);

    [LoggerMessage(206, LogLevel.Warning, "Node {Node} stops with {Actors} actors whose turns or deactivation did not end in time.")]
    public static partial void NotDrained(ILogger logger, string node, int actors);

    [LoggerMessage(207, LogLevel.Critical, "What became of slots could not be done: a mistake of this program.")]
    public static partial void SlotsFailed(ILogger logger, Exception exception);

    [LoggerMessage(208, LogLevel.Warning, "Actors wait for each other; the last call of the circle fails, which lets the others go on: {Chain}.")]
    public static partial void Deadlock(ILogger logger, string chain);
}
