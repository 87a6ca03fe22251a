using System.Net;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>Unary calls as gRPC makes them, without its packages: a POST for each ask, on one HTTP/2 connection over TLS 1.3.</summary>
internal sealed class Http2Stack() : ManagedStack("http2")
{
    public override async Task<IServerPart> ListenAsync(TransportLoop loop) => await Http2Server.StartAsync();

    public override async Task<IClientPart> ConnectAsync(int port, TransportLoop loop)
    {
        var client = new Http2Client(port);
        await client.EchoAsync(new byte[1], new byte[1]);
        return client;
    }
}

/// <summary>HttpClient's handler, called as gRPC's channel calls it: without what HttpClient itself wraps around each call.</summary>
internal sealed class Http2Client(int port) : IClientPart
{
    private readonly Uri _address = new($"https://127.0.0.1:{port}/");

    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        SslOptions = PeerTls.ClientOptions(null),
    });

    public Task<long> RunAsync(Work work, Latencies latencies) => work.Kind == WorkKind.Echo
        ? Callers.RunAsync(work, (_, end) => CallAsync(work.SizeBytes, end, latencies))
        : throw new NotSupportedException($"{work.Kind} is not for HTTP/2.");

    public ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        return default;
    }

    /// <summary>One call.</summary>
    public async Task EchoAsync(byte[] message, byte[] answer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(message),
        };
        using HttpResponseMessage response = await _invoker.SendAsync(request, CancellationToken.None);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsStream().ReadExactlyAsync(answer);
    }

    private async Task<long> CallAsync(int sizeBytes, RoundEnd end, Latencies latencies)
    {
        byte[] message = new byte[sizeBytes];
        byte[] answer = new byte[sizeBytes];
        long count = 0;
        for (; !end.IsReached; count++)
        {
            long started = latencies.Start();
            await EchoAsync(message, answer);
            latencies.Stop(started);
        }

        return count;
    }
}
