using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport;

/// <summary>What the transport logs. Event ids are stable.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(100, LogLevel.Information, "Node {Id} listens on {Address} in the cluster '{Cluster}' (trust: {Trust}).")]
    public static partial void Listening(ILogger logger, string id, string address, string cluster, string trust);

    [LoggerMessage(101, LogLevel.Warning, "Anyone who reaches this node may connect: the trust policy is 'anyone'.")]
    public static partial void Open(ILogger logger);

    [LoggerMessage(102, LogLevel.Information, "Connected to {Peer} at {Address}.")]
    public static partial void Connected(ILogger logger, string peer, string address);

    [LoggerMessage(103, LogLevel.Information, "The connection to {Peer} at {Address} ended: {Reason} ({Detail}).")]
    public static partial void Ended(ILogger logger, string peer, string address, CloseReason reason, string detail);

    [LoggerMessage(104, LogLevel.Warning, "A connection with {Address} was refused: {Reason} ({Detail}).")]
    public static partial void Refused(ILogger logger, string address, CloseReason reason, string detail);

    [LoggerMessage(111, LogLevel.Warning, "{Count} more connections were refused before, and not logged: {Reason}.")]
    public static partial void RefusedMore(ILogger logger, long count, CloseReason reason);

    [LoggerMessage(105, LogLevel.Error, "An invariant failed on the connection with {Address}; it is closed, others go on.")]
    public static partial void InternalError(ILogger logger, Exception exception, string address);

    [LoggerMessage(106, LogLevel.Warning, "Cannot reach {Address}: {Reason} ({Detail}). It is dialled again with back-off; further failures of the same kind are not logged.")]
    public static partial void DialFailed(ILogger logger, string address, CloseReason reason, string detail);

    [LoggerMessage(107, LogLevel.Warning, "The handler of '{Name}' threw on a tell; nobody waits for its answer.")]
    public static partial void TellHandlerFailed(ILogger logger, Exception exception, string name);

    [LoggerMessage(108, LogLevel.Error, "A continuation threw on the reply path; its neighbours went on.")]
    public static partial void ContinuationFailed(ILogger logger, Exception exception);

    [LoggerMessage(109, LogLevel.Warning, "{Count} connections stand already; one from {Address} was closed.")]
    public static partial void TooManyConnections(ILogger logger, int count, string address);

    [LoggerMessage(110, LogLevel.Warning, "{Count} addresses are dialled already, as many as the limit allows; not dialled: {Address}.")]
    public static partial void TooManyDialTargets(ILogger logger, int count, string address);

    [LoggerMessage(120, LogLevel.Warning, "The io_uring loop is not available: {Why}. This node reads its sockets by epoll instead.")]
    public static partial void UringUnavailable(ILogger logger, string why);

    [LoggerMessage(121, LogLevel.Warning, "The seed {Seed} leads nowhere: {Why}. It is asked again with back-off; what was known of it goes on being dialled; the same failure is not logged again.")]
    public static partial void NameFailed(ILogger logger, string seed, string why);

    [LoggerMessage(122, LogLevel.Information, "The seed {Seed} leads to {Count} addresses: {Addresses}.")]
    public static partial void NameResolved(ILogger logger, string seed, int count, string addresses);

    [LoggerMessage(130, LogLevel.Warning, "The name '{Name}' is registered by {Owner} too, whose claim is the older one: look-ups everywhere find that, not this node's.")]
    public static partial void NameLost(ILogger logger, string name, string owner);

    [LoggerMessage(131, LogLevel.Information, "Look-ups of '{Name}' find this node's registration again.")]
    public static partial void NameRegained(ILogger logger, string name);

    [LoggerMessage(132, LogLevel.Warning, "'{Name}' is registered on this node but not told to others: {Why}.")]
    public static partial void NameRefused(ILogger logger, string name, string why);

    [LoggerMessage(133, LogLevel.Error, "An invariant failed in the registry of names; it goes on with the next input.")]
    public static partial void RegistryFailed(ILogger logger, Exception exception);
}
