using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>Strangers and mad peers on the control lane: leases go on, views stay, and who may come still gets in.</summary>
[Collection(ClusterCollection.Name)]
public sealed class HostileTests(ITestOutputHelper output)
{
    private const string Secret = "a secret of all these tests";
    private const int SilentConnections = 300;

    private static readonly TimeSpan s_duration = ClusterCollection.IsLong ? TimeSpan.FromMinutes(2) : TimeSpan.FromSeconds(6);

    [Fact]
    public async Task Whatever_is_said_on_the_control_lane_every_node_keeps_its_lease_and_newcomers_get_in()
    {
        await using var cluster = new ProcessCluster(output);
        await cluster.StartAsync(3, "--secret", Secret);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        NodeProcess target = await cluster.LeaderAsync();
        var address = new IPEndPoint(IPAddress.Loopback, target.Port);
        using var stop = new CancellationTokenSource();
        double start = SharedClock.Now;
        long handshakes = 0;
        await using NodeProcess madman = NodeProcess.Launch(null, "--secret", Secret, "--nonsense", address.ToString());
        Task[] attacks =
        [
            Task.Run(() => StaySilentAsync(address, stop.Token)),
            Task.Run(() => TalkGarbageAsync(address, static () => RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(1, 2000)), stop.Token)),
            Task.Run(() => TalkGarbageAsync(address, static () => [22, 3, 1, 0xFF, 0xFF, 1, 0xFF, 0xFF, 0xFF], stop.Token)),
            Task.Run(() => HalfHandshakeAsync(address, stop.Token)),
            Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await HandshakeAsync(address, stop.Token);
                    handshakes++;
                }
            }),
        ];
        await madman.WaitAsync(static one => one.Name == "nonsense", "everything that the mad peer has to say");
        NodeProcess newcomer = await cluster.AddAsync("--secret", Secret, "--seed", target.Loopback);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        double joined = newcomer.View!.At - newcomer.Events.Single(static one => one.Name == "ready").At;
        await ProcessCluster.ElapseAsync(TimeSpan.FromMilliseconds(Math.Max(1, start + s_duration.TotalMilliseconds - SharedClock.Now)));
        await stop.CancelAsync();
        await Task.WhenAll(attacks);
        output.WriteLine($"{handshakes} handshakes of strangers in {(SharedClock.Now - start) / 1000:0.0} s; a newcomer was in the view after {joined:0} ms");
        foreach (NodeProcess node in cluster.Nodes)
        {
            // The newcomer may have been crowded out for as long as a node waits that founds alone; then it was dissolved.
            if (node != newcomer)
            {
                Assert.DoesNotContain(node.Events, one => one.At > start && (one.Name == "life-ended" || (one.Name == "serving" && !one.Flag("serves"))));
            }

            Assert.DoesNotContain("Something failed on the control thread", node.Errors, StringComparison.Ordinal);
        }
    }

    private static async Task StaySilentAsync(IPEndPoint address, CancellationToken stop)
    {
        var open = new Queue<Socket>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                open.Enqueue(socket);
                await socket.ConnectAsync(address, stop);
                if (open.Count >= SilentConnections)
                {
                    open.Dequeue().Dispose();
                    await Task.Delay(TimeSpan.FromMilliseconds(10), stop);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // Told to stop.
        }

        while (open.TryDequeue(out Socket? socket))
        {
            socket.Dispose();
        }
    }

    private static async Task TalkGarbageAsync(IPEndPoint address, Func<byte[]> garbage, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(address, stop);
                await socket.SendAsync(garbage(), stop);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
                patience.CancelAfter(TimeSpan.FromMilliseconds(50));
                await socket.ReceiveAsync(new byte[100], patience.Token);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Closed by the node, or nothing came.
            }
        }
    }

    /// <summary>A client hello for the control lane, and never anything more; many at a time.</summary>
    private static async Task HalfHandshakeAsync(IPEndPoint address, CancellationToken stop)
    {
        byte[] hello = await ClientHelloAsync();
        var open = new Queue<Socket>();
        while (!stop.IsCancellationRequested)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            open.Enqueue(socket);
            try
            {
                await socket.ConnectAsync(address, stop);
                await socket.SendAsync(open.Count % 2 == 0 ? hello : hello.AsMemory(0, hello.Length / 2), stop);
                await Task.Delay(TimeSpan.FromMilliseconds(10), stop);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Closed by the node, or told to stop.
            }

            if (open.Count > 100)
            {
                open.Dequeue().Dispose();
            }
        }

        while (open.TryDequeue(out Socket? socket))
        {
            socket.Dispose();
        }
    }

    private static async Task<byte[]> ClientHelloAsync()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        Task handshake = HandshakeAsync((IPEndPoint)server.LocalEndpoint, CancellationToken.None);
        using Socket accepted = await server.AcceptSocketAsync();
        byte[] bytes = new byte[4096];
        int length = await accepted.ReceiveAsync(bytes);
        accepted.Close();
        await handshake;
        return bytes[..length];
    }

    /// <summary>As much of a handshake as somebody without a certificate gets.</summary>
    private static async Task HandshakeAsync(IPEndPoint address, CancellationToken stop)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address, stop);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "nobody",
                    ApplicationProtocols = [new SslApplicationProtocol("kameo-control/1")],
                    EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                },
                stop);
            _ = await tls.ReadAsync(new byte[100], stop);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // Refused, as it ought to be.
        }
    }
}
