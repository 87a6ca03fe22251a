using System.Net;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Keeps one peer connected: dials an address, and again with back-off and jitter whenever the connection is over, until stopped.</summary>
/// <remarks>
/// Dialled by address, the trust policy decides who may answer; the id found then is fixed for every later dial, until the operator stops it, unless the dialer is not
/// <see cref="IsPinned"/>. A name is resolved anew before each dial, and its addresses are tried one after the other, beginning with the next one each time.
/// </remarks>
internal sealed class Dialer
{
    /// <summary>How long a connection must have stood for its end to count as the first failure. One that ends before has brought nothing: so it is where the other end refuses this node only after both hellos, and dialled again at once it would go on so for ever.</summary>
    private const long StandingMilliseconds = 1_000;

    private readonly TransportNode _node;
    private readonly CancellationTokenSource _stop = new();
    private Backoff _backoff;
    private CloseReason _lastFailure;
    private volatile Connection? _current;
    private int _turn;
    private int _refusalCount;
    private int _started;

    /// <summary>Makes a dialer that does nothing yet.</summary>
    public Dialer(TransportNode node, IReadOnlyList<EndPoint> addresses, PeerId? expected)
    {
        _node = node;
        Addresses = addresses;
        Expected = expected;
        Answered = expected;
        _backoff = new Backoff(node.Limits.RedialFirst, node.Limits.RedialMax);
    }

    /// <summary>What is dialled, in turn until one answers.</summary>
    public IReadOnlyList<EndPoint> Addresses { get; }

    /// <summary>Failures in a row after which it gives up. Default: never.</summary>
    public int FailuresMax { get; init; } = int.MaxValue;

    /// <summary>Times in a row that one side refused the other's identity after which it gives up. Default: never.</summary>
    public int RefusalsMax { get; init; } = int.MaxValue;

    /// <summary>Whether who answered first must answer ever after. Default true. False where an address may be given to another node.</summary>
    public bool IsPinned { get; init; } = true;

    /// <summary>Asked before each dial but the first: whether to go on. False stops the dialer.</summary>
    public Func<Task<bool>>? Renew { get; init; }

    /// <summary>Whether it dials no more.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Who must answer; set by the first answer when it was not given and the dialer is pinned.</summary>
    public PeerId? Expected { get; private set; }

    /// <summary>Who is known to be at the address.</summary>
    public PeerId? Answered { get; private set; }

    /// <summary>Whether the address turned out to be this node's own; then it is not dialled again.</summary>
    public bool IsSelf { get; private set; }

    /// <summary>Whether a connection that this dialer made stands.</summary>
    public bool HasConnection => _current is { State: ConnectionState.Open };

    /// <summary>Whether who is known to be at the address is connected, over whichever connection.</summary>
    public bool IsConnected => Answered is { } id && _node.FindPeer(id) is { IsConnected: true };

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
            for (bool isFirst = true; ; isFirst = false)
            {
                if (connection is null && !IsConnected)
                {
                    if (!isFirst && Renew is { } renew && !await renew().ConfigureAwait(false))
                    {
                        _stop.Cancel();
                        return;
                    }

                    connection = await TryDialAsync().ConfigureAwait(false);
                }

                if (connection is not null)
                {
                    long since = _node.Clock.NowMilliseconds;
                    await connection.Finished.WaitAsync(_stop.Token).ConfigureAwait(false);
                    if (_node.Clock.NowMilliseconds - since >= StandingMilliseconds)
                    {
                        _backoff.Reset();
                    }

                    Forget(connection);
                    connection = null;
                }

                // The peer may have dialled itself meanwhile: then there is nothing to do until that connection is over.
                await Task.Delay(_backoff.Next(_node.Random), _node.Clock.Provider, _stop.Token).ConfigureAwait(false);
                if (Answered is { } peer && _node.FindPeer(peer)?.Connection is { } standing)
                {
                    _backoff.Reset();
                    await standing.Finished.WaitAsync(_stop.Token).ConfigureAwait(false);
                    Forget(standing);
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
        catch (TransportException exception) when (exception.Reason == CloseReason.Shutdown)
        {
            _stop.Cancel(); // This node stops.
            return null;
        }
        catch (TransportException exception)
        {
            FailureCount++;
            _refusalCount = exception.Reason is CloseReason.NotTrusted or CloseReason.RefusedByPeer ? _refusalCount + 1 : 0;
            IsSelf = exception.Reason == CloseReason.Self;
            if (exception.Reason != _lastFailure && (IsPinned || !IsSelf))
            {
                // That a name which many nodes share leads here too is no failure.
                _lastFailure = exception.Reason;
                _node.LogDialFailed(Addresses[0], exception);
            }

            if (IsSelf || FailureCount >= FailuresMax || _refusalCount >= RefusalsMax)
            {
                _stop.Cancel();
            }

            return null;
        }
    }

    /// <summary>A connection is over. One that another of the same peer replaced says nothing against the peer's being there; any other end does, where addresses change hands.</summary>
    private void Forget(Connection connection)
    {
        if (!IsPinned && connection.CloseReason != CloseReason.Duplicate)
        {
            Answered = null;
        }
    }

    private async Task<Connection> DialAsync(CancellationToken cancellation)
    {
        int turn = _turn++;
        TransportException? failure = null;
        foreach (EndPoint address in Addresses)
        {
            try
            {
                IReadOnlyList<IPEndPoint> found = await _node.AddressLookup.ResolveAsync(address, cancellation).ConfigureAwait(false);
                for (int index = 0; index < found.Count; index++)
                {
                    // Where one does not lead there, the next address may.
                    try
                    {
                        return await DialAsync(found[(turn + index) % found.Count], cancellation).ConfigureAwait(false);
                    }
                    catch (TransportException exception)
                    {
                        failure = Worse(failure, address is DnsEndPoint name ? new TransportException(exception.Reason, $"{AddressText.Of(name)}: {exception.Message}", exception) : exception);
                    }
                }
            }
            catch (TransportException exception)
            {
                failure = Worse(failure, exception);
            }
        }

        throw failure!;
    }

    /// <summary>The failure to report of two: what one who answered said before that another address led nowhere, and that before that one is this node's own; else the later.</summary>
    private static TransportException Worse(TransportException? earlier, TransportException later) =>
        earlier is null || Weight(later) >= Weight(earlier) ? later : earlier;

    private static int Weight(TransportException failure) => failure.Reason switch
    {
        CloseReason.Self => 0,
        CloseReason.Unreachable => 1,
        _ => 2,
    };

    private async Task<Connection> DialAsync(IPEndPoint address, CancellationToken cancellation)
    {
        Connection connection = await _node.DialAsync(address, Expected, cancellation).ConfigureAwait(false);
        Expected ??= IsPinned ? connection.PeerId : null;
        Answered = connection.PeerId;
        _current = connection;
        FailureCount = 0;
        _refusalCount = 0;
        _lastFailure = CloseReason.None;
        return connection;
    }
}
