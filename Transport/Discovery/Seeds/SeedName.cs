using System.Net;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Discovery.Seeds;

/// <summary>A seed whose host is a name: keeps a peer connected at each address that the name leads to.</summary>
/// <remarks>
/// <para>Several addresses are several peers, as behind a headless service: each has a <see cref="Dialer"/> of its own, which fixes no identity, since an address may be given to another
/// node; the trust policy decides. The name is asked again before each dial that follows an end or a failure, and every <see cref="TransportLimits.DnsRefreshPeriod"/> while not
/// all addresses are connected. When all are, nobody is asked: a node that comes then finds this one by the same name.</para>
/// <para>An address that has left the answer is not dialled any more; a connection to it that stands is left alone. When the name cannot be resolved, what was known goes on being
/// dialled: an outage of DNS cuts nobody off.</para>
/// <para>Bounds: <see cref="TransportLimits.DialTargetsMax"/> for all seeds together; one question at a time, and none sooner than half of <see cref="TransportLimits.RedialFirst"/>
/// behind the last answer. That is the least a dialer waits after a failure, so whatever it dials next was resolved after it.</para>
/// </remarks>
internal sealed class SeedName
{
    private readonly TransportNode _node;
    private readonly string _seed;
    private readonly DnsEndPoint _name;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, Dialer> _dialers = [];
    private HashSet<IPEndPoint> _addresses = [];
    private Task<bool>? _question;
    private long _answeredAt;
    private string? _failure;
    private bool _isOverLimit;
    private bool _isStopped;

    /// <summary>Makes one that does nothing yet.</summary>
    /// <param name="node">Who dials.</param>
    /// <param name="seed">The seed as written.</param>
    /// <param name="name">The seed as understood.</param>
    public SeedName(TransportNode node, string seed, DnsEndPoint name)
    {
        _node = node;
        _seed = seed;
        _name = name;
    }

    /// <summary>Asks and dials until stopped.</summary>
    public void Start() => _ = Task.Run(RunAsync);

    /// <summary>Asks no more, and begins no dialer after the return; the node stops those that it has.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
        }

        _stop.Cancel();
    }

    private async Task RunAsync()
    {
        var backoff = new Backoff(_node.Limits.RedialFirst, _node.Limits.RedialMax);
        try
        {
            while (true)
            {
                TimeSpan wait = _node.Limits.DnsRefreshPeriod;
                if (!IsComplete() && !await RefreshAsync().ConfigureAwait(false))
                {
                    wait = backoff.Next(_node.Random);
                }
                else
                {
                    backoff.Reset();
                }

                await Task.Delay(wait, _node.Clock.Provider, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception exception)
        {
            _node.LogInternalError(exception, _name);
        }
    }

    /// <summary>Whether each address is connected, or is this node itself.</summary>
    private bool IsComplete()
    {
        lock (_lock)
        {
            return _addresses.Count != 0 && _addresses.All(address => _dialers.TryGetValue(address, out Dialer? dialer) ? dialer.IsConnected || dialer.IsSelf : _node.IsOwnAddress(address));
        }
    }

    /// <summary>Asks for the addresses, together with whoever else wants to know now.</summary>
    /// <returns>Whether there was an answer.</returns>
    private Task<bool> RefreshAsync()
    {
        lock (_lock)
        {
            bool isFresh = _question is { IsCompletedSuccessfully: true } && _node.Clock.NowMilliseconds - _answeredAt < _node.Limits.RedialFirst.TotalMilliseconds / 2;
            if (_question is null || (_question.IsCompleted && !isFresh))
            {
                _question = Task.Run(AskAsync);
            }

            return _question;
        }
    }

    private async Task<bool> AskAsync()
    {
        try
        {
            IReadOnlyList<IPEndPoint> found = await _node.AddressLookup.ResolveAsync(_name, _stop.Token).ConfigureAwait(false);
            Apply(found);
            return true;
        }
        catch (TransportException exception)
        {
            if (_failure != exception.Message)
            {
                _failure = exception.Message;
                _node.LogNameFailed(_seed, exception.Message);
            }

            return false;
        }
        finally
        {
            _answeredAt = _node.Clock.NowMilliseconds;
        }
    }

    /// <summary>Begins to dial what is new, gives up what has gone. One call at a time.</summary>
    private void Apply(IReadOnlyList<IPEndPoint> found)
    {
        List<Dialer> begun = [];
        int left = 0;
        bool changed;
        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            changed = _failure is not null || !_addresses.SetEquals(found);
            _addresses = [.. found];
            foreach ((IPEndPoint address, Dialer dialer) in _dialers.ToArray())
            {
                if (!_addresses.Contains(address) && !dialer.HasConnection)
                {
                    dialer.Stop();
                    _dialers.Remove(address);
                    _node.RemoveDialer(KeyOf(address), dialer);
                }
            }

            // From another place each time: where not all fit, each has its turn, and not all nodes begin with the same one.
            int first = _node.Random.Next(found.Count);
            for (int index = 0; index < found.Count; index++)
            {
                IPEndPoint address = found[(first + index) % found.Count];
                if (_dialers.ContainsKey(address) || _node.IsOwnAddress(address))
                {
                    continue;
                }

                var dialer = new Dialer(_node, [address], null) { IsPinned = false, Renew = () => RenewAsync(address) };
                if (_node.TryAddDialer(KeyOf(address), dialer))
                {
                    _dialers.Add(address, dialer);
                    begun.Add(dialer);
                }
                else
                {
                    left++;
                }
            }
        }

        Log(found, changed, left);
        begun.ForEach(static dialer => dialer.Start());
    }

    private void Log(IReadOnlyList<IPEndPoint> found, bool changed, int left)
    {
        _failure = null;
        if (changed)
        {
            _node.LogNameResolved(_seed, found);
        }

        if (left != 0 && !_isOverLimit)
        {
            _node.LogTooManyDialTargets($"{left} of {found.Count} addresses of {_seed}");
        }

        _isOverLimit = left != 0;
    }

    /// <summary>A dialer is about to dial again: whether its address is still one of the name's.</summary>
    private async Task<bool> RenewAsync(IPEndPoint address)
    {
        try
        {
            await RefreshAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false; // The node stops.
        }

        lock (_lock)
        {
            return !_isStopped && _dialers.ContainsKey(address);
        }
    }

    private string KeyOf(IPEndPoint address) => $"dns:{_seed}:{address}";
}
