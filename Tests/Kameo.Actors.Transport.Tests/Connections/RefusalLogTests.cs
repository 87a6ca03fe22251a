using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Connections;

/// <summary>How much of refused connections is logged.</summary>
public sealed class RefusalLogTests
{
    [Fact]
    public void Of_each_reason_so_many_are_logged_in_a_while_and_the_rest_is_counted()
    {
        var log = new RefusalLog();
        Assert.Equal(RefusalLog.LinesMax, Enumerable.Range(0, 500).Count(now => log.Tells(now, CloseReason.NotTls, out _)));
        Assert.True(log.Tells(500, CloseReason.NotTrusted, out long others));
        Assert.Equal(0, others);
        Assert.True(log.Tells(RefusalLog.PeriodMilliseconds, CloseReason.NotTls, out long untold));
        Assert.Equal(500 - RefusalLog.LinesMax, untold);
        Assert.True(log.Tells(RefusalLog.PeriodMilliseconds, CloseReason.NotTls, out untold));
        Assert.Equal(0, untold);
    }

    [Fact]
    public async Task A_stranger_who_comes_again_and_again_does_not_fill_the_log()
    {
        var log = new CapturedLog();
        await using TransportNode server = await TransportNode.StartAsync(TwoNodes.Options(options => options.LoggerFactory = log));
        for (int index = 0; index < 3 * RefusalLog.LinesMax; index++)
        {
            using var stranger = new System.Net.Sockets.TcpClient();
            await stranger.ConnectAsync(server.LocalEndPoint!);
            await stranger.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            await EndedAsync(stranger);
        }

        await server.DisposeAsync();
        Assert.InRange(log.Lines.Count(static line => line.Contains("was refused", StringComparison.Ordinal)), 1, 2 * RefusalLog.LinesMax); // Two reasons at most: not TLS, or gone before that was seen.
    }
    /// <summary>The other end has closed it, in good order or not.</summary>
    private static async Task EndedAsync(System.Net.Sockets.TcpClient stranger)
    {
        byte[] answer = new byte[256];
        try
        {
            while (await stranger.GetStream().ReadAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) != 0)
            {
                // An alert of TLS.
            }
        }
        catch (IOException)
        {
            // A reset.
        }
    }
}
