using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Tests.Nodes;
using Kameo.Actors.Transport.Tests.Tls;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Tests.Connections;

/// <summary>What a link may report while its send has not returned yet: who called it stays the only one that sends, and the memory stays as it is.</summary>
public sealed class SendReportTests : IAsyncLifetime
{
    private readonly TlsEndpoint _endpoint = TwoSessions.Endpoint();
    private TransportNode _node = null!;

    public async Task InitializeAsync() => _node = await TransportNode.StartAsync(TwoNodes.Options());

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        _endpoint.Dispose();
    }

    [Theory]
    [InlineData(true)] // Dropped: a link that has ended takes everything.
    [InlineData(false)]
    public async Task A_link_that_ends_during_a_send_does_not_take_it_from_its_sender(bool isTaken)
    {
        var link = new ReportingLink(isTaken, static receiver => receiver.OnClosed(null));
        Connection connection = Start(link);
        await connection.Finished.WaitAsync(TwoNodes.Deadline);
        Assert.False(link.IsMemoryReturned);
        Assert.False(link.IsFinished);
        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
    }

    [Fact]
    public async Task A_send_that_is_reported_before_it_returns_is_over_when_it_returns()
    {
        var link = new ReportingLink(isTaken: false, static receiver => receiver.OnSent());
        Connection connection = Start(link);
        Assert.False(link.IsMemoryReturned);
        Assert.Equal(1, link.Sends); // The first message of the handshake.

        // The sending side is nobody's: whoever closes ends it.
        connection.Close(CloseReason.Shutdown, "the test ends it");
        Assert.Equal(1, link.Ends);
        link.Receiver!.OnClosed(null);
        await connection.Finished.WaitAsync(TwoNodes.Deadline);
    }

    private Connection Start(ReportingLink link)
    {
        var connection = new Connection(_node, link, _endpoint.CreateClient(null), isDialler: true, 1);
        link.Connection = connection;
        connection.Start();
        return connection;
    }

    /// <summary>Reports from within each send.</summary>
    private sealed class ReportingLink(bool isTaken, Action<ILinkReceiver> report) : ILink
    {
        public Connection? Connection { get; set; }

        public ILinkReceiver? Receiver { get; private set; }

        public int Sends { get; private set; }

        public int Ends { get; private set; }

        /// <summary>Whether the memory of a send was in the pool again before that returned.</summary>
        public bool IsMemoryReturned { get; private set; }

        /// <summary>Whether the connection was over before a send returned.</summary>
        public bool IsFinished { get; private set; }

        public EndPoint? RemoteEndPoint => null;

        public void Start(ILinkReceiver receiver) => Receiver = receiver;

        public bool Send(ReadOnlyMemory<byte> bytes)
        {
            Sends++;
            report(Receiver!);
            IsFinished |= Connection!.Finished.IsCompleted;
            Assert.True(MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> memory));
            byte[] other = ArrayPool<byte>.Shared.Rent(memory.Array!.Length); // What this thread has returned last, if that fits.
            IsMemoryReturned |= ReferenceEquals(other, memory.Array);
            ArrayPool<byte>.Shared.Return(other);
            return isTaken;
        }

        public void EndSending() => Ends++;

        public void Close()
        {
        }
    }
}
