using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>Makes an encrypted stream of a connected socket. Thread safe.</summary>
internal interface IStreamSecurity : IDisposable
{
    /// <summary>
    /// Whether it makes blocking calls only, before and after the handshake: .NET waits for a socket in another way, and slower, once it has been used asynchronously.
    /// </summary>
    bool IsBlocking { get; }

    ValueTask<Stream> AcceptAsync(Socket socket);

    ValueTask<Stream> DialAsync(Socket socket);
}

/// <summary>Bare frames over an encrypted stream, echoed: batched, or one at a time; or bulk one way with pings beside it.</summary>
internal sealed class StreamStack(string name, Func<IStreamSecurity> security, bool isMix = false) : ManagedStack(name)
{
    public override Task<IServerPart> ListenAsync(TransportLoop loop) => Task.FromResult<IServerPart>(new StreamServer(security(), isMix));

    public override async Task<IClientPart> ConnectAsync(int port, TransportLoop loop)
    {
        var dial = new StreamDial(port, security());
        return new StreamClient(dial, await dial.ConnectAsync(), dial.IsBlocking);
    }
}

/// <summary>Connects to a <see cref="StreamServer"/>.</summary>
internal sealed class StreamDial(int port, IStreamSecurity security) : IDisposable
{
    private readonly IPEndPoint _server = new(IPAddress.Loopback, port);

    public bool IsBlocking => security.IsBlocking;

    public async Task<Stream> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (IsBlocking)
            {
                socket.Connect(_server);
            }
            else
            {
                await socket.ConnectAsync(_server);
            }

            return await security.DialAsync(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => security.Dispose();
}

/// <summary>Accepts connections and echoes on each whatever it reads.</summary>
internal sealed class StreamServer : IServerPart
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IStreamSecurity _security;
    private readonly bool _isMix;

    public StreamServer(IStreamSecurity security, bool isMix)
    {
        _security = security;
        _isMix = isMix;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = RunAcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public long Received => 0;

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _security.Dispose();
        return default;
    }

    private async Task RunAcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync();
                socket.NoDelay = true;
                _ = _security.IsBlocking
                    ? Task.Factory.StartNew(() => RunConnectionAsync(socket).Wait(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                    : RunConnectionAsync(socket);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The process ends.
        }
    }

    private async Task RunConnectionAsync(Socket socket)
    {
        try
        {
            await using Stream stream = await _security.AcceptAsync(socket);
            if (_isMix)
            {
                FrameMix.Serve(stream);
            }
            else if (_security.IsBlocking)
            {
                FrameEcho.Serve(stream);
            }
            else
            {
                await FrameEcho.ServeAsync(stream);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            socket.Dispose(); // The client went away: how every connection here ends.
        }
    }
}

/// <summary>Rounds over one connection, or, of handshakes, over a new one each.</summary>
internal sealed class StreamClient(StreamDial dial, Stream stream, bool isBlocking) : IClientPart
{
    public Task<long> RunAsync(Work work, Latencies latencies) => work.Kind switch
    {
        WorkKind.Echo when isBlocking => Task.FromResult(FrameEcho.Call(stream, work, latencies)),
        WorkKind.Echo => Task.Run(() => FrameEcho.CallAsync(stream, work, latencies)),
        WorkKind.Bulk or WorkKind.Ping or WorkKind.PingBesideBulk => Task.FromResult(FrameMix.Call(stream, work, latencies)),
        WorkKind.Handshake => Callers.RunAsync(work, (_, end) => ConnectAsync(work.SizeBytes, end, latencies)),
        _ => throw new NotSupportedException($"{work.Kind} is not for streams."),
    };

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        dial.Dispose();
    }

    private async Task<long> ConnectAsync(int sizeBytes, RoundEnd end, Latencies latencies)
    {
        byte[] frame = new byte[sizeBytes];
        long count = 0;
        for (; !end.IsReached; count++)
        {
            long started = latencies.Start();
            await using Stream fresh = await dial.ConnectAsync();

            // A client's handshake is over before the server has looked at its certificate: only an answer proves the connection.
            await fresh.WriteAsync(frame);
            await fresh.ReadExactlyAsync(frame);
            latencies.Stop(started);
        }

        return count;
    }
}
