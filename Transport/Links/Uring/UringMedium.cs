using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Links.Epoll;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>Links over TCP that io_uring threads receive for. Linux only; accepting and connecting are those of <see cref="EpollMedium"/>.</summary>
internal sealed class UringMedium : ISocketMedium, IDisposable
{
    private readonly UringLoop[] _loops;
    private int _next;

    private UringMedium(UringLoop[] loops) => _loops = loops;

    /// <summary>What the loops use of the kernel.</summary>
    public UringFeatures Features => _loops[0].Features;

    /// <summary>Starts the loops.</summary>
    /// <param name="loopCount">How many threads receive; links are spread over them.</param>
    /// <param name="kernel">Where the system calls go.</param>
    /// <param name="allowed">What may be used when the kernel has it.</param>
    /// <param name="medium">The medium; null when io_uring is not to be had.</param>
    /// <param name="why">Then the reason, as half a sentence.</param>
    /// <param name="bufferCount">How many receive buffers the links of one loop share.</param>
    public static bool TryStart(
        int loopCount,
        IUringKernel kernel,
        UringFeatures allowed,
        [NotNullWhen(true)] out UringMedium? medium,
        [NotNullWhen(false)] out string? why,
        int bufferCount = UringBuffers.DefaultCount)
    {
        var loops = new List<UringLoop>(loopCount);
        try
        {
            for (int index = 0; index < loopCount; index++)
            {
                loops.Add(new UringLoop($"kameo-uring-{index}", kernel, allowed, bufferCount));
            }
        }
        catch (UringUnavailableException exception)
        {
            loops.ForEach(static loop => loop.Dispose());
            medium = null;
            why = exception.Message;
            return false;
        }

        medium = new UringMedium([.. loops]);
        why = null;
        return true;
    }

    /// <inheritdoc/>
    public ILinkListener Listen(EndPoint address, Action<ILink> accepted) => TcpListening.Listen(address, socket => accepted(Take(socket)));

    /// <inheritdoc/>
    public ILink Take(Socket accepted)
    {
        accepted.Blocking = false;
        return new UringLink(accepted, NextLoop());
    }

    /// <inheritdoc/>
    public Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation) =>
        TcpDialling.DialAsync(address, RawConnect.ConnectAsync, socket => new UringLink(socket, NextLoop(), address), cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (UringLoop loop in _loops)
        {
            loop.Dispose();
        }
    }

    private UringLoop NextLoop() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];
}
