using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Kameo.Actors.Transport.Tests;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>What others see of a server: on the wire, and with their own TLS.</summary>
public sealed class WireTests
{
    private const string Greeting = "kameo says ping";

    [Fact]
    public async Task Nothing_of_a_ping_is_readable_on_the_wire()
    {
        await using SampleProcess server = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--no-mdns");
        int port = server.ReadJson().GetProperty("port").GetInt32();
        using var tap = new WireTap(port);
        await using SampleProcess client = SampleProcess.Client(
            null, "--server-ip", "127.0.0.1", "--port", tap.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--delay", "0", "--count", "50", "--size", "1000", "--json");
        Assert.Equal(50, client.ReadJson().GetProperty("pings").GetInt64());
        Assert.Equal(0, await client.ExitAsync());
        byte[] seen = tap.Seen();
        Assert.True(seen.Length > 50 * 1000, $"the tap saw {seen.Length} bytes");
        Assert.Equal(-1, seen.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Greeting)));
        Assert.Equal(-1, seen.AsSpan().IndexOf("PingActor"u8));
        Assert.Equal(-1, seen.AsSpan().IndexOf("ping-pong"u8));
        Assert.NotEqual(-1, seen.AsSpan().IndexOf("kameo/1"u8)); // The tap sees what is in the clear: ALPN is.
    }

    [RequiresFact("openssl")]
    public async Task Openssl_sees_tls_1_3_and_an_ed25519_signature_and_nothing_less_is_let_in()
    {
        await using SampleProcess server = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--no-mdns");
        string address = $"127.0.0.1:{server.ReadJson().GetProperty("port").GetInt32()}";
        string folder = Directory.CreateTempSubdirectory("kameo-").FullName;
        try
        {
            string key = Path.Combine(folder, "key.pem");
            string certificate = Path.Combine(folder, "cert.pem");
            TwoHosts.Run("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=visitor", "-days", "2");
            (int exit, string said) = SClient(address, "-tls1_3", "-alpn", "kameo/1", "-cert", certificate, "-key", key);
            Assert.True(exit == 0, said);
            Assert.Contains("TLSv1.3", said, StringComparison.Ordinal);
            Assert.Contains("Peer signature type: Ed25519", said, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("ALPN protocol: kameo/1", said, StringComparison.Ordinal);

            (exit, said) = SClient(address, "-tls1_2", "-cert", certificate, "-key", key);
            Assert.True(exit != 0, said);

            // A client without a certificate believes in its handshake until it reads the alert.
            (_, said) = SClient(address, "-tls1_3", "-alpn", "kameo/1");
            Assert.Contains("alert certificate required", said, StringComparison.OrdinalIgnoreCase);

            // The server is as good as before.
            await using SampleProcess client = SampleProcess.Client(null, "--server-ip", "127.0.0.1", "--port", address.Split(':')[1], "--delay", "0", "--json");
            Assert.Equal(100, client.ReadJson().GetProperty("pings").GetInt64());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Exit, string Said) SClient(string address, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("openssl", ["s_client", "-connect", address, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var said = new StringBuilder();
        string? line;
        bool closed = false;
        while ((line = process.StandardOutput.ReadLine()) is not null)
        {
            said.AppendLine(line);
            if (!closed && line.StartsWith("Verify return code", StringComparison.Ordinal) && arguments.Contains("-cert"))
            {
                closed = true;
                process.StandardInput.Close(); // The handshake's report is complete: leave.
            }
        }

        Assert.True(process.WaitForExit(SampleProcess.Deadline), "openssl s_client did not end");
        return (process.ExitCode, said + errors.Result);
    }

    /// <summary>Stands between client and server and keeps every byte.</summary>
    private sealed class WireTap : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly MemoryStream _seen = new();

        public WireTap(int serverPort)
        {
            _listener.Start();
            _ = AcceptAsync(serverPort);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public byte[] Seen()
        {
            lock (_seen)
            {
                return _seen.ToArray();
            }
        }

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync(int serverPort)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync();
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, serverPort);
            await Task.WhenAll(CopyAsync(client, server), CopyAsync(server, client));
        }

        private async Task CopyAsync(TcpClient from, TcpClient to)
        {
            byte[] buffer = new byte[64 * 1024];
            try
            {
                int bytes;
                while ((bytes = await from.GetStream().ReadAsync(buffer)) > 0)
                {
                    lock (_seen)
                    {
                        _seen.Write(buffer, 0, bytes);
                    }

                    await to.GetStream().WriteAsync(buffer.AsMemory(0, bytes));
                }

                to.Client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // One side has gone; the test looks at what was seen.
            }
        }
    }
}
