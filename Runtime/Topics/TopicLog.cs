using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Topics;

/// <summary>What topics log; event ids 260 to 269.</summary>
internal static partial class TopicLog
{
    [LoggerMessage(260, LogLevel.Debug, "A message of a topic was not handled by {Subscriber}.")]
    public static partial void DeliveryFailed(ILogger logger, Exception exception, string subscriber);

    [LoggerMessage(261, LogLevel.Information, "{Subscriber} is gone: its subscription ends.")]
    public static partial void SubscriberGone(ILogger logger, string subscriber);

    [LoggerMessage(262, LogLevel.Debug, "A message of topic '{Topic}' did not reach {Node}.")]
    public static partial void NodeNotReached(ILogger logger, Exception exception, string topic, string node);

    [LoggerMessage(263, LogLevel.Warning, "A message of topic '{Topic}' from {Node} cannot be read.")]
    public static partial void Malformed(ILogger logger, Exception exception, string topic, string node);
}
