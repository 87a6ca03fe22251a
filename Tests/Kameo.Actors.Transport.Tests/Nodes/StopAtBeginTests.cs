using System.Net;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Links.Epoll;
using Kameo.Actors.Transport.Links.Uring;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>The thread that begins a connection is held up for longer than an end may take, as on a machine that was asleep, and its node stops meanwhile: the connection ends all the same, and with it the node.</summary>
public sealed class StopAtBeginTests
{
    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_node_stops_though_a_link_begins_only_after_its_connection_should_have_ended(TransportLoop loop)
    {
        var time = new StoppedTime();
        await using TransportNode server = await TransportNode.StartAsync(TwoNodes.Options());
        ISocketMedium sockets = Open(loop);
        using var medium = new LateMedium(sockets);
        TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions(options =>
        {
            options.Medium = medium;
            options.TimeProvider = time;
        }));
        Task dial = Task.Run(() => client.ConnectAsync(server.LocalEndPoint!));
        ILinkReceiver connection = await medium.Beginning.WaitAsync(TwoNodes.Deadline);
        Task stopped = client.DisposeAsync().AsTask();
        Assert.Equal(ConnectionState.Closing, ((Connection)connection).State);

        time.Advance(client.Limits.LingerTimeout * 2);
        time.FireTimers();
        medium.GoOn();
        await stopped.WaitAsync(TwoNodes.Deadline);
        await Assert.ThrowsAsync<TransportException>(() => dial.WaitAsync(TwoNodes.Deadline));
        (sockets as IDisposable)?.Dispose();
    }

    private static ISocketMedium Open(TransportLoop loop) => loop switch
    {
        TransportLoop.Portable => new TcpMedium(),
        TransportLoop.IoUring when UringMedium.TryStart(1, new LinuxUringKernel(), UringFeatures.All, out UringMedium? medium, out _) => medium,
        _ => new EpollMedium(1),
    };

    /// <summary>Links whose begin waits.</summary>
    private sealed class LateMedium(ILinkMedium medium) : ILinkMedium, IDisposable
    {
        private readonly TaskCompletionSource<ILinkReceiver> _beginning = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _goesOn = new();

        /// <summary>Completes when a link is to begin, with its receiver.</summary>
        public Task<ILinkReceiver> Beginning => _beginning.Task;

        public ILinkListener Listen(EndPoint address, Action<ILink> accepted) => throw new NotSupportedException();

        public async Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation) => new LateLink(await medium.DialAsync(address, cancellation), this);

        public void GoOn() => _goesOn.Set();

        public void Dispose() => _goesOn.Dispose();

        private sealed class LateLink(ILink link, LateMedium medium) : ILink
        {
            public EndPoint? RemoteEndPoint => link.RemoteEndPoint;

            public void Start(ILinkReceiver receiver)
            {
                medium._beginning.TrySetResult(receiver);
                Assert.True(medium._goesOn.Wait(TwoNodes.Deadline));
                link.Start(receiver);
            }

            public bool Send(ReadOnlyMemory<byte> bytes) => link.Send(bytes);

            public void EndSending() => link.EndSending();

            public void Close() => link.Close();
        }
    }
}
