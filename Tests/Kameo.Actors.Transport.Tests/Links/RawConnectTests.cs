using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Links.Epoll;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>Dials of the node's own loops.</summary>
public sealed class RawConnectTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [RequiresFact("linux")]
    public async Task Dials_that_nobody_answers_hold_no_thread_of_the_pool_and_can_be_given_up()
    {
        // A listener that accepts nobody: once its backlog is full the kernel answers no more.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(1);
        var address = (IPEndPoint)full.LocalEndPoint!;
        using var giveUp = new CancellationTokenSource();
        int dials = Environment.ProcessorCount + 40;
        Socket[] sockets = [.. Enumerable.Range(0, dials).Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
        Task[] pending = [.. sockets.Select(socket => RawConnect.ConnectAsync(socket, address, giveUp.Token))];
        int threads = ThreadPool.ThreadCount;
        for (int hop = 0; hop < 100; hop++)
        {
            await Task.Run(static () => { }).WaitAsync(s_deadline);
        }

        Assert.InRange(pending.Count(static dial => !dial.IsCompleted), dials / 2, dials);
        Assert.InRange(ThreadPool.ThreadCount, 0, threads + (dials / 4));
        await giveUp.CancelAsync();
        foreach (Task dial in pending)
        {
            try
            {
                await dial.WaitAsync(s_deadline);
            }
            catch (OperationCanceledException)
            {
            }
        }

        Array.ForEach(sockets, static socket => socket.Dispose());
    }
}
