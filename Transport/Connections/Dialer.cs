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
    public Dialer(TransportNode node, IReadOnlyList<EndPoint> addresses, PeerId? expected)
    {
        _node = node;
        Addresses = addresses;
        Expected = expected;
        _backoff = new Backoff(node.Limits.RedialFirst, node.Limits.RedialMax);
    }

    /// <summary>What is dialled, in turn until one answers.</summary>
    public IReadOnlyList<EndPoint> Addresses { get; }

    /// <summary>Failures in a row after which it gives up. Default: never.</summary>
    public int FailuresMax { get; init; } = int.MaxValue;

    /// <summary>Whether it dials no more.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Who must answer; set by the first answer when it was not given.</summary>
    public PeerId? Expected { get; private set; }

    /// <summary>Failures in a row.</summary>
    public int FailureCount { get; private set; }

    /// <summary>Dials once and, when that succeeds, keeps the peer connected.</summary>
    /// <exception cref="TransportException">It did not succeed; nothing is dialled any more.</exception>
    public async Task<Peer> ConnectAsync(CancellationToken cancellation)
    {
        Connection connection = await DialAsync(cancellation).ConfigureAwait(false);
        Start(connection, TimeSpan.Zero);
        return _node.PeerOf(connection.PeerId);
    }

    /// <summary>Dials until stopped, beginning after a delay.</summary>
    public void Start(TimeSpan delay = default) => Start(null, delay);

    /// <summary>Dials no more. The connection that stands is not touched.</summary>
    public void Stop() => _stop.Cancel();

    private void Start(Connection? connection, TimeSpan delay)
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _ = Task.Run(() => RunAsync(connection, delay));
        }
    }

    private async Task RunAsync(Connection? connection, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _node.Clock.Provider, _stop.Token).ConfigureAwait(false);
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
            _node.LogInternalError(exception, Addresses[0]);
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
                _node.LogDialFailed(Addresses[0], exception);
            }

            if (exception.Reason == CloseReason.Self || FailureCount >= FailuresMax)
            {
                _stop.Cancel();
            }

            return null;
        }
    }

    private async Task<Connection> DialAsync(CancellationToken cancellation)
    {
        for (int index = 0; ; index++)
        {
            try
            {
                Connection connection = await _node.DialAsync(Addresses[index], Expected, cancellation).ConfigureAwait(false);
                Expected ??= connection.PeerId;
                _backoff.Reset();
                FailureCount = 0;
                _lastFailure = CloseReason.None;
                return connection;
            }
            catch (TransportException) when (index + 1 < Addresses.Count)
            {
                // The next address may lead there.
            }
        }
    }
}
