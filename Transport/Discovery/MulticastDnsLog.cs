using System.Net;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport.Discovery;

/// <summary>What multicast DNS logs; event ids 300 to 349.</summary>
internal static partial class MulticastDnsLog
{
    [LoggerMessage(300, LogLevel.Debug, "Multicast DNS runs on {Links}.")]
    public static partial void LinksChanged(ILogger logger, string links);

    [LoggerMessage(301, LogLevel.Warning, "Multicast DNS is unavailable: {Reason}. Nodes on this network are neither found nor told of this one until it is available again; everything else works.")]
    public static partial void Unavailable(ILogger logger, string reason);

    [LoggerMessage(302, LogLevel.Information, "Multicast DNS is available again.")]
    public static partial void AvailableAgain(ILogger logger);

    [LoggerMessage(303, LogLevel.Warning, "Interface {Interface} cannot join the multicast DNS group: {Reason}.")]
    public static partial void JoinFailed(ILogger logger, string @interface, string reason);

    [LoggerMessage(304, LogLevel.Information, "Announced by multicast DNS as '{Name}' ({ServiceType}).")]
    public static partial void Announced(ILogger logger, string name, string serviceType);

    [LoggerMessage(305, LogLevel.Warning, "The name '{Wanted}' is taken on this network: announced by multicast DNS as '{Name}'.")]
    public static partial void Renamed(ILogger logger, string wanted, string name);

    [LoggerMessage(306, LogLevel.Debug, "A multicast DNS packet could not be sent on interface {LinkIndex}: {Reason}.")]
    public static partial void SendFailed(ILogger logger, int linkIndex, string reason);

    [LoggerMessage(307, LogLevel.Error, "A callback for services found by multicast DNS threw.")]
    public static partial void CallbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(308, LogLevel.Warning, "A multicast DNS socket failed and is opened anew: {Reason}.")]
    public static partial void ReceiveFailed(ILogger logger, string reason);

    [LoggerMessage(309, LogLevel.Information, "No interface has an address to announce '{Name}' with; it is announced when one has.")]
    public static partial void NothingToAnnounceOn(ILogger logger, string name);

    [LoggerMessage(310, LogLevel.Warning, "Multicast DNS runs without IPv4: {Reason}.")]
    public static partial void WithoutIPv4(ILogger logger, string reason);

    [LoggerMessage(311, LogLevel.Error, "A multicast DNS packet from {Source} could not be handled. This is a defect.")]
    public static partial void HandlingFailed(ILogger logger, Exception exception, EndPoint source);
}
