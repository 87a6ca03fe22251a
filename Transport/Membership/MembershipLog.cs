using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport.Membership;

/// <summary>What membership logs. Event ids are stable.</summary>
internal static partial class MembershipLog
{
    [LoggerMessage(140, LogLevel.Information, "View {Epoch} of cluster {Cluster} is installed: {Count} members: {Members}.")]
    public static partial void Installed(ILogger logger, long epoch, string cluster, int count, string members);

    [LoggerMessage(141, LogLevel.Information, "View {Epoch} of cluster {Cluster} with {Count} members is followed through {Member}.")]
    public static partial void Followed(ILogger logger, long epoch, string cluster, int count, string member);

    [LoggerMessage(142, LogLevel.Warning, "The incarnation {Ended} of this node is over: {Reason}. It goes on as {Next}.")]
    public static partial void LifeEnded(ILogger logger, string ended, string reason, string next);

    [LoggerMessage(143, LogLevel.Debug, "The client {Client} follows through this node.")]
    public static partial void ClientAttached(ILogger logger, string client);

    [LoggerMessage(144, LogLevel.Debug, "The client {Client} follows through this node no more.")]
    public static partial void ClientDetached(ILogger logger, string client);

    [LoggerMessage(145, LogLevel.Error, "Something failed on the control thread, which goes on.")]
    public static partial void ControlFailed(ILogger logger, Exception exception);

    [LoggerMessage(146, LogLevel.Error, "The cluster has halted at view {Epoch}: a majority of its stewards is missing ({Missing}). Bring them back, or call Membership.ReformAsync() on one of the nodes that are left.")]
    public static partial void Halted(ILogger logger, long epoch, string missing);

    [LoggerMessage(147, LogLevel.Warning, "The cluster does not admit this node for now: {Reason}. It goes on asking.")]
    public static partial void JoinRefused(ILogger logger, string reason);

    [LoggerMessage(148, LogLevel.Error, "Another cluster ({Other}) of the name '{Name}' is there, and founders are configured: neither gives way. One of them is a mistake.")]
    public static partial void ForeignCluster(ILogger logger, string other, string name);

    [LoggerMessage(149, LogLevel.Information, "This node has founded the cluster {Cluster} ({How}).")]
    public static partial void Founded(ILogger logger, string cluster, string how);

    [LoggerMessage(150, LogLevel.Critical, "The membership state cannot be written. What this node would promise it could not keep, so the process ends.")]
    public static partial void StateLost(ILogger logger, Exception exception);

    [LoggerMessage(152, LogLevel.Information, "This node has left the cluster, in which it was {Ended}.")]
    public static partial void Left(ILogger logger, string ended);

    [LoggerMessage(153, LogLevel.Warning, "The logger does not keep up: {Count} entries were dropped.")]
    public static partial void EntriesDropped(ILogger logger, int count);

    [LoggerMessage(154, LogLevel.Warning, "A control connection of {Whom} was closed: {Why}. {Count} were so far.")]
    public static partial void ControlRefused(ILogger logger, string whom, string why, long count);

    [LoggerMessage(155, LogLevel.Error, "The membership state of an incarnation that is over cannot be deleted. A start with it would begin by learning that it is over.")]
    public static partial void StateKept(ILogger logger, Exception exception);

    [LoggerMessage(156, LogLevel.Warning, "{Count} members are not dialled: with the others there would be more than {Limit} connections (TransportLimits.ConnectionsMax).")]
    public static partial void MembersNotDialled(ILogger logger, int count, int limit);

    [LoggerMessage(151, LogLevel.Information, "The node listens on every address, and tells others to reach it at {Address}. Set AdvertisedAddress if they cannot.")]
    public static partial void AddressChosen(ILogger logger, string address);
}
