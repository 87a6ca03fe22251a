using Kameo.Actors.Transport.Links.Epoll;
using Kameo.Actors.Transport.Links.Uring;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport.Links;

/// <summary>Opens the medium that a node's options ask for.</summary>
internal static class LoopMedium
{
    /// <summary>Opens it; where io_uring is not to be had, epoll, with one line in the log.</summary>
    public static ILinkMedium Open(TransportOptions options, ILogger logger)
    {
        // Half of the cores receive: the other half is for what the node does with it.
        int loopCount = Math.Max(1, Environment.ProcessorCount / 2);
        if (options.Loop == TransportLoop.IoUring)
        {
            if (UringMedium.TryStart(loopCount, options.UringKernel ?? new LinuxUringKernel(), options.UringFeatures, out UringMedium? medium, out string? why))
            {
                return medium;
            }

            TransportLog.UringUnavailable(logger, why);
        }

        return options.Loop == TransportLoop.Portable ? new TcpMedium() : new EpollMedium(loopCount);
    }
}
