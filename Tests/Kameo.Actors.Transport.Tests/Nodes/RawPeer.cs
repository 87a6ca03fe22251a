using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>A peer that sends whatever frames a test likes, through TLS of its own over a socket. One thread.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly TlsEndpoint _endpoint;
    private readonly TcpClient _client;
    private readonly TlsSession _tls;
    private readonly FrameReader _reader = new(new SlabPool(64 * 1024, 4, 1 << 20), 64 * 1024);
    private readonly byte[] _wire = new byte[64 * 1024];
    private readonly CancellationTokenSource _timeout = new(TwoNodes.Deadline);

    private RawPeer(bool floodsKeyUpdates, RawPeer? beside, TcpClient? accepted = null)
    {
        _endpoint = beside?._endpoint ?? (floodsKeyUpdates ? Tls.TwoSessions.Endpoint(recordsPerKey: 1, asksForKeyUpdates: true) : Tls.TwoSessions.Endpoint());
        _client = accepted ?? new TcpClient();
        _tls = accepted is null ? _endpoint.CreateClient(null) : _endpoint.CreateServer();
    }

    /// <summary>Who it is.</summary>
    public PeerId Id => _endpoint.Id;

    /// <summary>Chunks of streams among all frames that were read or passed over.</summary>
    public int ChunksSeen { get; private set; }

    /// <summary>And their bytes, headers counted.</summary>
    public int ChunkBytesSeen { get; private set; }

    /// <summary>What the node said of itself.</summary>
    public Hello Hello { get; private set; } = null!;

    /// <summary>Dials and ends the TLS handshake.</summary>
    public static async Task<RawPeer> ShakeHandsAsync(TransportNode node, bool floodsKeyUpdates = false, RawPeer? beside = null)
    {
        var peer = new RawPeer(floodsKeyUpdates, beside);
        await peer._client.ConnectAsync(node.LocalEndPoint!);
        peer._tls.Handshake();
        await peer.EstablishAsync();
        return peer;
    }

    /// <summary>Is dialled by the node, and exchanges hellos.</summary>
    public static async Task<RawPeer> AcceptAsync(TransportNode node)
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Task<Peer> dial = node.ConnectAsync(listener.LocalEndpoint);
        var peer = new RawPeer(floodsKeyUpdates: false, null, await listener.AcceptTcpClientAsync());
        await peer.EstablishAsync();
        await peer.ExchangeHellosAsync(dialNumber: 0, streamWindowBytes: 32 * 1024);
        await dial;
        return peer;
    }

    /// <summary>Dials, and exchanges hellos.</summary>
    /// <param name="node">Whom it dials.</param>
    /// <param name="floodsKeyUpdates">Whether it asks the node for another key with each record.</param>
    /// <param name="andLeaves">Given, it ends its side at once behind a frame of its own, and calls this then.</param>
    /// <param name="dialNumber">Which of its dials this is.</param>
    /// <param name="beside">Another connection of the same peer; disposed after this one.</param>
    /// <param name="streamWindowBytes">What it says that it takes of each stream.</param>
    public static async Task<RawPeer> ConnectAsync(TransportNode node, bool floodsKeyUpdates = false, Action? andLeaves = null, ulong dialNumber = 0, RawPeer? beside = null, int streamWindowBytes = 32 * 1024)
    {
        RawPeer peer = await ShakeHandsAsync(node, floodsKeyUpdates, beside);
        if (andLeaves is not null)
        {
            await peer.SayHelloAsync(dialNumber, streamWindowBytes);
            await Eventually.TrueAsync(() => node.FindPeer(peer.Id) is not null, "the node to be about to tell of the peer");
            peer.Put(new FrameHeader(FrameKind.Ping, 0) { Flags = FrameFlags.Answer });
            await peer.FlushAsync();
            peer._client.Client.Shutdown(SocketShutdown.Send);
            andLeaves();
            return peer;
        }

        await peer.ExchangeHellosAsync(dialNumber, streamWindowBytes);
        await Eventually.TrueAsync(() => node.FindPeer(peer.Id)?.Connection is not null, "the node to have read the hello, too");
        return peer;
    }

    private async Task EstablishAsync()
    {
        while (!_tls.IsEstablished)
        {
            await FlushAsync();
            Assert.True(await FeedAsync(), "the node ended the handshake");
            Assert.NotEqual(TlsStatus.Failed, _tls.Handshake());
        }
    }

    private async Task ExchangeHellosAsync(ulong dialNumber, int streamWindowBytes)
    {
        await SayHelloAsync(dialNumber, streamWindowBytes);
        (FrameHeader header, byte[] payload) = await ReadAsync(FrameKind.Hello);
        Assert.Equal(FrameKind.Hello, header.Kind);
        Hello = Hello.Decode(payload);
    }

    private async Task SayHelloAsync(ulong dialNumber, int streamWindowBytes)
    {
        var scratch = new ScratchBuffer(0, 64 * 1024);
        var writer = new MessagePackWriter(scratch);
        var hello = new Hello
        {
            ClusterName = "tests",
            Incarnation = 1,
            DialNumber = dialNumber,
            FrameBytesMax = 64 * 1024,
            WindowBytes = 1 << 20,
            InternedIdsMax = 100,
            InternedBytesMax = 10_000,
            StreamsMax = 4,
            StreamWindowBytes = streamWindowBytes,
            PayloadBytesMax = 1 << 20,
            IsClient = true,
        };
        hello.Encode(ref writer);
        Put(new FrameHeader(FrameKind.Hello, 0), scratch.WrittenSpan);
        await FlushAsync();
    }

    /// <summary>Seals bytes as they are; <see cref="FlushAsync"/> sends them.</summary>
    public void PutRaw(ReadOnlySpan<byte> plaintext) => Assert.Equal(TlsStatus.Ok, _tls.Write(plaintext));

    /// <summary>Seals a frame; <see cref="FlushAsync"/> sends it.</summary>
    public void Put(FrameHeader header, ReadOnlySpan<byte> payload = default, string? name = null, ulong[]? streams = null)
    {
        byte[] frame = new byte[FrameDraft.HeadBytesMax + payload.Length + 8];
        var draft = new FrameDraft(frame, header, payload.Length);
        if (name is not null)
        {
            draft.Add(ExtensionTag.TargetName, [IdSpace.Name, .. Encoding.UTF8.GetBytes(name)]);
        }

        if (streams is not null)
        {
            byte[] ids = new byte[streams.Length * sizeof(ulong)];
            for (int index = 0; index < streams.Length; index++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(ids.AsSpan(index * sizeof(ulong)), streams[index]);
            }

            draft.Add(ExtensionTag.Streams, ids);
        }

        int head = draft.Finish().Length;
        payload.CopyTo(frame.AsSpan(head));
        PutRaw(frame.AsSpan(0, (head + payload.Length + 7) & ~7));
    }

    /// <summary>An ask of a name.</summary>
    public void PutAsk(string name, ulong correlation, int payloadBytes = 0, ulong[]? streams = null, FrameFlags flags = FrameFlags.None) =>
        Put(new FrameHeader { Kind = FrameKind.Ask, Correlation = correlation, Flags = flags }, new byte[payloadBytes], name, streams);

    /// <summary>A chunk of a stream.</summary>
    public void PutData(ulong stream, int bytes) => Put(new FrameHeader { Kind = FrameKind.StreamData, Correlation = stream }, new byte[bytes]);

    /// <summary>The end of a stream.</summary>
    public void PutEnd(ulong stream) => Put(new FrameHeader { Kind = FrameKind.StreamEnd, Correlation = stream });

    /// <summary>Credit for a stream.</summary>
    public void PutStreamCredit(ulong stream, int bytes) => Put(new FrameHeader { Kind = FrameKind.Credit, Correlation = stream, Target = 1, Method = (uint)bytes });

    /// <summary>Sends what was put.</summary>
    public async Task FlushAsync()
    {
        for (int bytes = _tls.Take(_wire); bytes != 0; bytes = _tls.Take(_wire))
        {
            await _client.GetStream().WriteAsync(_wire.AsMemory(0, bytes), _timeout.Token);
        }
    }

    /// <summary>The next frame of a kind, for a correlation if one is given; others are passed over.</summary>
    public async Task<(FrameHeader Header, byte[] Payload)> ReadAsync(FrameKind kind, ulong? correlation = null)
    {
        while (true)
        {
            if (_reader.TryRead(out Frame frame) == FrameReadStatus.Frame)
            {
                if (frame.Header.Kind == FrameKind.StreamData)
                {
                    ChunksSeen++;
                    ChunkBytesSeen += FrameHeader.Bytes + frame.Payload.Length;
                }

                if (frame.Header.Kind == kind && (correlation is null || frame.Header.Correlation == correlation))
                {
                    return (frame.Header, frame.Payload.ToArray());
                }

                Assert.True(frame.Header.Kind != FrameKind.Goodbye, $"a goodbye while waiting for {kind}: {Encoding.UTF8.GetString(frame.Payload)}");
                continue;
            }

            TlsStatus status = _tls.Read(_reader.GetSpan(), out int bytes);
            if (status == TlsStatus.Ok)
            {
                _reader.Advance(bytes);
                continue;
            }

            Assert.Equal(TlsStatus.WantRead, status);
            Assert.True(await FeedAsync(), $"the node ended the connection while {kind} was awaited");
        }
    }

    /// <summary>Waits for chunks of a stream, of so many bytes in all, headers counted.</summary>
    /// <returns>How many bytes they had.</returns>
    public async Task<int> ReadChunksAsync(ulong stream, int bytes)
    {
        int read = 0;
        while (read < bytes)
        {
            read += FrameHeader.Bytes + (await ReadAsync(FrameKind.StreamData, stream)).Payload.Length;
        }

        return read;
    }

    /// <summary>Waits for the node's goodbye.</summary>
    public async Task<CloseReason> ReadGoodbyeAsync()
    {
        (_, byte[] payload) = await ReadAsync(FrameKind.Goodbye);
        var reader = new MessagePackReader(payload);
        reader.ReadArrayHeader();
        return (CloseReason)reader.ReadByte();
    }

    /// <summary>Waits for the fault that an ask was answered with.</summary>
    public async Task<FaultCode> ReadFaultAsync(ulong correlation)
    {
        (_, byte[] payload) = await ReadAsync(FrameKind.Fault, correlation);
        var reader = new MessagePackReader(payload);
        return Fault.Decode(ref reader).Code;
    }

    public void Dispose()
    {
        _timeout.Dispose();
        _reader.Dispose();
        _tls.Dispose();
        _client.Dispose();
        _endpoint.Dispose();
    }

    private async Task<bool> FeedAsync()
    {
        int bytes = await _client.GetStream().ReadAsync(_wire, _timeout.Token);
        _tls.Feed(_wire.AsSpan(0, bytes));
        return bytes != 0;
    }
}
