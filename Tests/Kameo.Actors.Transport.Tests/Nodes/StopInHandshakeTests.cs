using System.Net;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Links;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>A connection is closed while its TLS handshake comes to its end on another thread: it ends all the same, and with it the node.</summary>
public sealed class StopInHandshakeTests
{
    [Fact]
    public async Task A_node_stops_while_the_handshake_of_its_dial_ends_and_a_send_is_under_way()
    {
        var network = new MemoryMedium();
        var medium = new ClosingMedium(network);
        await using TransportNode server = await TransportNode.StartAsync(TwoNodes.Options(options => options.Medium = network));
        TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions(options =>
        {
            options.Medium = medium;
            options.Trust = new ClosingTrust(medium);
        }));
        Task dial = client.ConnectAsync(server.LocalEndPoint!);
        await medium.Received.WaitAsync(TwoNodes.Deadline);

        Connection connection = medium.Connection!;
        Assert.Equal(ConnectionState.Closing, connection.State);
        medium.Report();
        await client.DisposeAsync().AsTask().WaitAsync(TwoNodes.Deadline);
        await Assert.ThrowsAsync<TransportException>(() => dial.WaitAsync(TwoNodes.Deadline));
        Assert.Equal(ConnectionState.Closed, connection.State);
    }

    /// <summary>Closes the connection from inside of its handshake, where both nodes know each other, so that the step that was begun ends well.</summary>
    private sealed class ClosingTrust(ClosingMedium medium) : TrustPolicy
    {
        public override string Description => "whoever answers";

        internal override bool Admits(PeerId peer)
        {
            medium.Connection!.Close(CloseReason.Shutdown, "the node stops");
            return true;
        }
    }

    /// <summary>Dials one link that says of none of its sends that it has ended, until it is told to.</summary>
    private sealed class ClosingMedium(MemoryMedium network) : ILinkMedium
    {
        private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private BusyLink? _link;

        /// <summary>The connection over the link.</summary>
        public Connection? Connection => _link?.Connection;

        /// <summary>Completes when the connection has taken what came first.</summary>
        public Task Received => _received.Task;

        public ILinkListener Listen(EndPoint address, Action<ILink> accepted) => network.Listen(address, accepted);

        public async Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation) => _link = new BusyLink(await network.DialAsync(address, cancellation), _received);

        /// <summary>From here on sends are reported.</summary>
        public void Report() => _link!.Report();
    }

    private sealed class BusyLink(ILink link, TaskCompletionSource received) : ILink, ILinkReceiver
    {
        private readonly Lock _lock = new();
        private bool _reports;
        private bool _hasSent;

        public Connection? Connection { get; private set; }

        public EndPoint? RemoteEndPoint => link.RemoteEndPoint;

        public void Start(ILinkReceiver receiver)
        {
            Connection = (Connection)receiver;
            link.Start(this);
        }

        public bool Send(ReadOnlyMemory<byte> bytes) => link.Send(bytes);

        public void EndSending() => link.EndSending();

        public void Close() => link.Close();

        public void OnReceived(ReadOnlySpan<byte> bytes)
        {
            Connection!.OnReceived(bytes);
            received.TrySetResult();
        }

        public void OnSent()
        {
            lock (_lock)
            {
                if (!_reports)
                {
                    _hasSent = true;
                    return;
                }
            }

            Connection!.OnSent();
        }

        public void OnClosed(Exception? error) => Connection!.OnClosed(error);

        public void Report()
        {
            bool hasSent;
            lock (_lock)
            {
                _reports = true;
                hasSent = _hasSent;
            }

            if (hasSent)
            {
                Connection!.OnSent();
            }
        }
    }
}
