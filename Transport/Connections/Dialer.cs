using System.Net;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Keeps one peer connected: dials an address, and again with back-off and jitter whenever the connection is over, until stopped.</summary>
/// <remarks>
/// Dialled by address, the trust policy decides who may answer; the id found then is fixed for every later dial, until the operator stops it. A name is resolved anew
/// before each dial.
/// </remarks>
internal sealed class Dialer
{
    private readonly TransportNode _node;
    private readonly CancellationTokenSource _stop = new();
    private Backoff _backoff;
    private CloseReason _lastFailure;
    private int _started;

    /// <summary>Makes a dialer that does nothing yet.</summary>
    public Dialer(TransportNode node, EndPoint address, PeerId? expected)
    {
        _node = node;
        Address = address;
        Expected = expected;
        _backoff = new Backoff(node.Limits.RedialFirst, node.Limits.RedialMax);
    }

    /// <summary>What is dialled.</summary>
    public EndPoint Address { get; }

    /// <summary>Who must answer; set by the first answer when it was not given.</summary>
    public PeerId? Expected { get; private set; }

    /// <summary>Failures in a row.</summary>
    public int FailureCount { get; private set; }

    /// <summary>Dials once and, when that succeeds, keeps the peer connected.</summary>
    /// <exception cref="TransportException">It did not succeed; nothing is dialled any more.</exception>
    public async Task<Peer> ConnectAsync(CancellationToken cancellation)
    {
        Connection connection = await DialAsync(cancellation).ConfigureAwait(false);
        Start(connection);
        return _node.PeerOf(connection.PeerId);
    }

    /// <summary>Dials until stopped.</summary>
    public void Start() => Start(null);

    /// <summary>Dials no more. The connection that stands is not touched.</summary>
    public void Stop() => _stop.Cancel();

    private void Start(Connection? connection)
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _ = Task.Run(() => RunAsync(connection));
        }
    }

    private async Task RunAsync(Connection? connection)
    {
        try
        {
            while (true)
            {
                if (connection is null && !(Expected is { } id && _node.FindPeer(id) is { IsConnected: true }))
                {
                    connection = await TryDialAsync().ConfigureAwait(false);
                }

                if (connection is not null)
                {
                    await connection.Finished.WaitAsync(_stop.Token).ConfigureAwait(false);
                    connection = null;
                }

                // The peer may have dialled itself meanwhile: then there is nothing to do until that connection is over.
                await Task.Delay(_backoff.Next(_node.Random), _node.Clock.Provider, _stop.Token).ConfigureAwait(false);
                if (Expected is { } peer && _node.FindPeer(peer)?.Connection is { } standing)
                {
                    _backoff.Reset();
                    await standing.Finished.WaitAsync(_stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception exception)
        {
            _node.LogInternalError(exception, Address);
        }
    }

    private async Task<Connection?> TryDialAsync()
    {
        try
        {
            return await DialAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (TransportException exception)
        {
            FailureCount++;
            if (exception.Reason != _lastFailure)
            {
                _lastFailure = exception.Reason;
                _node.LogDialFailed(Address, exception);
            }

            if (exception.Reason == CloseReason.Self)
            {
                _stop.Cancel();
            }

            return null;
        }
    }

    private async Task<Connection> DialAsync(CancellationToken cancellation)
    {
        Connection connection = await _node.DialAsync(Address, Expected, cancellation).ConfigureAwait(false);
        Expected ??= connection.PeerId;
        _backoff.Reset();
        FailureCount = 0;
        _lastFailure = CloseReason.None;
        return connection;
    }
}
