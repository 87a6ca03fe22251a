namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>A server that listens on loopback and a client that only dials, connected.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private TwoNodes(TransportNode server, TransportNode client, Peer peer)
    {
        Server = server;
        Client = client;
        Peer = peer;
    }

    public TransportNode Server { get; }

    public TransportNode Client { get; }

    /// <summary>The server as the client knows it.</summary>
    public Peer Peer { get; }

    public static TransportOptions Options(Action<TransportOptions>? configure = null)
    {
        var options = new TransportOptions { Trust = TrustPolicy.Anyone(), ClusterName = "tests", Loop = Loops.One };
        configure?.Invoke(options);
        return options;
    }

    public static TransportOptions ClientOptions(Action<TransportOptions>? configure = null)
    {
        TransportOptions options = Options(configure);
        options.Listen = null;
        options.IsClient = true;
        return options;
    }

    public static async Task<TwoNodes> StartAsync(TransportLoop? loop = null, Action<TransportOptions>? server = null, Action<TransportOptions>? client = null)
    {
        TransportNode listening = await TransportNode.StartAsync(Options(options =>
        {
            options.Loop = loop ?? Loops.One;
            server?.Invoke(options);
        }));
        TransportNode dialling = await TransportNode.StartAsync(ClientOptions(options =>
        {
            options.Loop = loop ?? Loops.One;
            client?.Invoke(options);
        }));
        Peer peer = await dialling.ConnectAsync(listening.LocalEndPoint!).WaitAsync(Deadline);
        return new TwoNodes(listening, dialling, peer);
    }

    /// <summary>Registers at the server what answers with what it is asked; with a stream, too, where one came along.</summary>
    public NameRegistration RegisterEcho(string name = "echo") => Server.Register(name, Echo);

    /// <inheritdoc cref="RegisterEcho"/>
    public static ValueTask Echo(NameRequest request)
    {
        if (request.Stream is { } stream)
        {
            return EchoStreamAsync(request, stream);
        }

        request.Reply(request.Payload.Span);
        return default;
    }

    /// <summary>Finds a name as the client sees it.</summary>
    public async Task<RemoteName> FindAsync(string name)
    {
        using var timeout = new CancellationTokenSource(Deadline);
        return await Client.LookupAsync(name, timeout.Token);
    }

    private static async ValueTask EchoStreamAsync(NameRequest request, Stream stream)
    {
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        copy.Position = 0;
        request.Reply(request.Payload.Span, copy);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
