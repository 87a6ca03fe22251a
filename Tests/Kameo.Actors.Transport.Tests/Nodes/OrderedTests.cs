using System.Buffers.Binary;
using System.Collections.Concurrent;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Messages of the layer above in line with requests, also those that no frame holds.</summary>
public sealed class OrderedTests
{
    /// <summary>Four times what the ring holds.</summary>
    private const int LongBytes = 1 << 20;

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Long_ones_keep_their_place_and_hold_up_nobody(TransportLoop loop)
    {
        var observer = new Observer();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop, options => options.ConnectionObserver = observer);
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName quick = await nodes.FindAsync("echo");
        Connection connection = nodes.Peer.Connection!;
        int frame = connection.FrameBytesMax - FrameHeader.Bytes;
        int[] sizes = [0, 10, LongBytes, frame, frame + 1, 20, 3 * LongBytes, 2 * frame, 30];
        for (int number = 0; number < sizes.Length; number++)
        {
            connection.PutOrdered(Message(number, sizes[number]));
        }

        (await quick.AskAsync(new byte[100]).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();

        // The answered ask was sent behind them all.
        Assert.Equal(sizes.Length, observer.Messages.Count);
        Assert.All(observer.Messages, (message, number) => Assert.Equal(Message(number, sizes[number]), message));
    }

    [Fact]
    public async Task All_arrive_once_while_another_connection_takes_over()
    {
        const int Messages = 60;
        var observer = new Observer();
        await using TwoNodes nodes = await TwoNodes.StartAsync(server: options => options.ConnectionObserver = observer);
        Connection first = nodes.Peer.Connection!;
        Task<Peer> again = nodes.Client.ConnectAsync(nodes.Server.LocalEndPoint!);
        for (int number = 0; number < Messages; number++)
        {
            first.PutOrdered(Message(number, LongBytes));
            await Task.Yield();
        }

        await again.WaitAsync(TwoNodes.Deadline);
        await Eventually.TrueAsync(() => first.State == ConnectionState.Closed, "the first connection to be left");
        for (int number = 0; number < Messages; number++)
        {
            nodes.Peer.Connection!.PutOrdered(Message(Messages + number, LongBytes));
        }

        await Eventually.TrueAsync(() => observer.Messages.Count == 2 * Messages, "all messages to arrive");
        int[] numbers = [.. observer.Messages.Select(static message => BinaryPrimitives.ReadInt32LittleEndian(message))];
        Assert.Equal(Enumerable.Range(0, 2 * Messages), numbers.Order());
        Assert.All(observer.Messages, (message, at) => Assert.Equal(Message(numbers[at], LongBytes), message));
    }

    [Fact]
    public async Task One_beyond_the_bound_ends_the_connection()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        Connection connection = nodes.Peer.Connection!;
        connection.PutOrdered(new byte[Connection.OrderedBytesMax + 1]);
        await Eventually.TrueAsync(() => connection.State >= ConnectionState.Closing, "the connection to end");
        Assert.Equal(CloseReason.OversizedFrame, connection.CloseReason);
    }

    [Theory]
    [InlineData(8, Connection.OrderedBytesMax - 7, 0, 0)] // More than a message may have.
    [InlineData(8, 16, 8, 16)] // The second does not say that 8 fewer follow.
    [InlineData(8, 4, 8, 0)] // More than was to follow.
    [InlineData(0, 8, 8, 0)] // An empty one, of which there could be any number.
    public async Task Parts_that_do_not_follow_end_the_connection(int firstBytes, int firstLeft, int secondBytes, int secondLeft)
    {
        var observer = new Observer();
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(options => options.ConnectionObserver = observer));
        using RawPeer peer = await RawPeer.ConnectAsync(node);
        peer.Put(Part(firstLeft), new byte[firstBytes]);
        peer.Put(Part(secondLeft), new byte[secondBytes]);
        await peer.FlushAsync();
        Assert.Equal(CloseReason.ProtocolViolation, await peer.ReadGoodbyeAsync());
        Assert.Empty(observer.Messages);
    }

    private static FrameHeader Part(int left) => new() { Kind = FrameKind.Ordered, Target = 1, Correlation = (ulong)left };

    private static byte[] Message(int number, int bytes)
    {
        byte[] message = new byte[bytes];
        for (int at = 0; at + sizeof(int) <= bytes; at += sizeof(int))
        {
            BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(at), at == 0 ? number : (number * 31) + at);
        }

        return message;
    }

    private sealed class Observer : IConnectionObserver
    {
        public ConcurrentQueue<byte[]> Messages { get; } = new();

        public void OnOpen(Connection connection)
        {
        }

        public string? OnOrdered(Connection connection, ReadOnlySpan<byte> payload)
        {
            Messages.Enqueue(payload.ToArray());
            return null;
        }

        public void OnClosed(Connection connection)
        {
        }
    }
}
