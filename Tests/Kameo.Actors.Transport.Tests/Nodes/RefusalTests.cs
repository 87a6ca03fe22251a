using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Bad peers: each is closed with its reason, and the node goes on serving the others.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private readonly CapturedLog _log = new();
    private TransportNode _server = null!;
    private NameRegistration _echo = null!;

    public async Task InitializeAsync()
    {
        _server = await TransportNode.StartAsync(TwoNodes.Options(options => options.LoggerFactory = _log));
        _echo = _server.Register("echo", TwoNodes.Echo);
    }

    public async Task DisposeAsync()
    {
        // Whatever was done to it: it still serves.
        await using (TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions()))
        {
            await client.ConnectAsync(_server.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
            using var timeout = new CancellationTokenSource(TwoNodes.Deadline);
            RemoteName echo = await client.LookupAsync("echo", timeout.Token);
            using NameReply reply = await echo.AskAsync("alive"u8.ToArray());
            Assert.Equal("alive"u8.ToArray(), reply.Payload.ToArray());
        }

        _echo.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_is_not_tls()
    {
        using TcpClient peer = await DialAsync();
        await peer.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: here\r\n\r\n"));
        await ClosedAsync(CloseReason.NotTls);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, CloseReason.TlsVersion)]
    [InlineData(SslProtocols.Tls13, null)]
    public async Task A_peer_with_another_version_or_key_type(SslProtocols version, CloseReason? reason)
    {
        using TcpClient peer = await DialAsync();
        using var tls = new SslStream(peer.GetStream(), false, static (_, _, _, _) => true);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=visitor", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "here",
                EnabledSslProtocols = version,
                ApplicationProtocols = [new SslApplicationProtocol("kameo/1")],
                ClientCertificates = [certificate],
            });
            Assert.True(await tls.ReadAsync(new byte[1]) != 0, "the server ended the session");
        });
        await ClosedAsync(reason);
    }

    [Fact]
    public async Task A_peer_that_sends_nothing_is_given_up_in_time()
    {
        await using TransportNode hasty = await TransportNode.StartAsync(TwoNodes.Options(options =>
        {
            options.LoggerFactory = _log;
            options.Limits = new TransportLimits { HandshakeTimeout = TimeSpan.FromMilliseconds(200) };
        }));
        using var peer = new TcpClient();
        await peer.ConnectAsync(hasty.LocalEndPoint!);
        await ClosedAsync(CloseReason.HandshakeTimeout);
    }

    [Fact]
    public async Task A_peer_of_another_cluster()
    {
        await using TransportNode other = await TransportNode.StartAsync(TwoNodes.ClientOptions(static options => options.ClusterName = "elsewhere"));
        TransportException refused = await Assert.ThrowsAsync<TransportException>(() => other.ConnectAsync(_server.LocalEndPoint!).WaitAsync(TwoNodes.Deadline));
        Assert.Equal(CloseReason.WrongCluster, refused.Reason);
        await ClosedAsync(CloseReason.WrongCluster);
    }

    [Theory]
    [InlineData("request before hello", CloseReason.ProtocolViolation)]
    [InlineData("malformed hello", CloseReason.MalformedFrame)]
    [InlineData("length below the header", CloseReason.MalformedFrame)]
    [InlineData("oversized", CloseReason.OversizedFrame)]
    [InlineData("unknown kind", CloseReason.MalformedFrame)]
    [InlineData("header beyond the frame", CloseReason.MalformedFrame)]
    [InlineData("random", null)]
    public async Task A_peer_whose_frames_are_wrong(string how, CloseReason? reason)
    {
        using RawPeer peer = await RawPeer.ShakeHandsAsync(_server);
        peer.PutRaw(Frame(how));
        await peer.FlushAsync();
        await ClosedAsync(reason);
    }

    private static byte[] Frame(string how)
    {
        byte[] frame = new byte[64];
        var header = new FrameHeader(FrameKind.Hello, 40);
        switch (how)
        {
            case "request before hello":
                header = new FrameHeader(FrameKind.Ask, 40);
                break;
            case "unknown kind":
                header = new FrameHeader((FrameKind)200, 40);
                break;
            case "random":
                new Random(7).NextBytes(frame);
                return frame;
        }

        header.Write(frame);
        frame.AsSpan(FrameHeader.Bytes).Fill(0xc1);
        switch (how)
        {
            case "length below the header":
                BitConverter.TryWriteBytes(frame, 8);
                break;
            case "oversized":
                BitConverter.TryWriteBytes(frame, int.MaxValue);
                break;
            case "header beyond the frame":
                frame[6] = 200;
                break;
        }

        return frame;
    }

    private async Task<TcpClient> DialAsync()
    {
        var peer = new TcpClient();
        await peer.ConnectAsync(_server.LocalEndPoint!);
        return peer;
    }

    /// <summary>Waits for the one log line that says why; without a reason any will do.</summary>
    private Task ClosedAsync(CloseReason? reason) =>
        Eventually.TrueAsync(
            () => _log.Lines.Any(line => line.Contains("refused", StringComparison.Ordinal) && (reason is null || line.Contains(reason.Value.ToString(), StringComparison.Ordinal))),
            $"a refusal with {reason}; the log: {string.Join(" | ", _log.Lines)}");
}
