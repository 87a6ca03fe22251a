using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Links.Epoll;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>Receives once from a socket of its own, to see what the kernel does: a version says little, since distributions port features back and sandboxes refuse some.</summary>
internal static unsafe class UringProbe
{
    private const int UnixFamily = 1;
    private const int NonBlockingStream = 0x1 | 0x800 | 0x80000;

    /// <summary>Whether one submission receives many times.</summary>
    /// <exception cref="UringUnavailableException">Nothing can be received in any way.</exception>
    public static bool HasMultishot(UringQueue queue, UringBuffers buffers, bool isAllowed)
    {
        if (isAllowed && buffers.HasRing && Receive(queue, buffers, isMultishot: true, out bool wentOn) == 1 && wentOn)
        {
            return true;
        }

        int result = Receive(queue, buffers, isMultishot: false, out _);
        return result == 1 ? false : throw UringUnavailableException.Of("a receive through the ring", -result);
    }

    /// <summary>A receive of one byte, to its last completion.</summary>
    /// <returns>The first result: bytes, or the negative error.</returns>
    private static int Receive(UringQueue queue, UringBuffers buffers, bool isMultishot, out bool wentOn)
    {
        int* pair = stackalloc int[2];
        if (LinuxUringKernel.SocketPair(UnixFamily, NonBlockingStream, 0, pair) != 0)
        {
            throw UringUnavailableException.Of("socketpair", Marshal.GetLastPInvokeError());
        }

        // One byte and the end of the stream lie there before the receive begins, so it completes without anybody else.
        byte one = 1;
        LinuxCalls.Write(pair[1], &one, 1);
        LinuxCalls.Close(pair[1]);
        queue.Push(UringLoop.ReceiveEntry(pair[0], slot: 0, isMultishot));
        int first = 0;
        bool isFirst = true;
        wentOn = false;
        for (bool isOver = false; !isOver;)
        {
            queue.Enter(wait: true);
            while (queue.TryTake(out CompletionEntry completion))
            {
                if (UringTag.KindOf(completion.UserData) != UringTagKind.Receive)
                {
                    continue; // A buffer was provided.
                }

                if (completion.HasBuffer)
                {
                    buffers.Give(completion.BufferId);
                }

                first = isFirst ? completion.Result : first;
                wentOn |= isFirst && completion.HasMore;
                isFirst = false;
                isOver |= !completion.HasMore;
            }
        }

        LinuxCalls.Close(pair[0]); // Behind the last completion: the kernel is done with it.
        return first;
    }
}
