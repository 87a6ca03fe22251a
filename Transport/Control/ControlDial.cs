using System.Net;
using Kameo.Actors.Transport.Discovery.Seeds;

namespace Kameo.Actors.Transport.Control;

/// <summary>
/// One attempt to reach an address on the control lane: of a name first the addresses that it led to last, at once and without the resolver's thread, so that a full thread pool keeps no member from its connection;
/// then, one after the other, those that it leads to now. On the loop's thread but for the resolver.
/// </summary>
/// <param name="address">The address as it was given.</param>
/// <param name="known">Where it led last, if it is a name that was resolved before.</param>
/// <param name="tryConnect">Begins to connect; <see cref="GoOn"/> follows when it led to nobody.</param>
/// <param name="resolved">Is told where the name leads now, also after <see cref="Stop"/>: what was known may be another node's by now.</param>
/// <param name="failed">Is told when none of the addresses led to anybody, and whether all of them refused.</param>
internal sealed class ControlDial(
    string address, IReadOnlyList<IPEndPoint> known, Action<string, IPEndPoint> tryConnect, Action<string, IReadOnlyList<IPEndPoint>> resolved, Action<string, bool> failed)
{
    private readonly Queue<IPEndPoint> _candidates = new(known);
    private bool _allRefused = true;
    private bool _isTrying;
    private bool _isResolving;
    private bool _isStopped;

    /// <summary>Begins.</summary>
    public void Start(NameLookup lookup, ControlLoop loop)
    {
        if (!AddressText.TryParse(address, out EndPoint? endPoint))
        {
            _allRefused = false;
        }
        else if (endPoint is IPEndPoint ip)
        {
            _candidates.Enqueue(ip);
        }
        else
        {
            _isResolving = true;
            _ = Task.Run(() => ResolveAsync(endPoint, lookup, loop));
        }

        TryNext();
    }

    /// <summary>The attempt under way led to nobody: the next address.</summary>
    public void GoOn(bool isRefused)
    {
        _isTrying = false;
        _allRefused &= isRefused;
        TryNext();
    }

    /// <summary>No further address is tried.</summary>
    public void Stop() => _isStopped = true;

    private void TryNext()
    {
        if (_isStopped || _isTrying)
        {
            return;
        }

        if (_candidates.TryDequeue(out IPEndPoint? next))
        {
            _isTrying = true;
            tryConnect(address, next);
        }
        else if (!_isResolving)
        {
            failed(address, _allRefused);
        }
    }

    /// <param name="found">Null: the name cannot be resolved.</param>
    private void OnResolved(IReadOnlyList<IPEndPoint>? found)
    {
        _isResolving = false;
        _allRefused &= found is not null;
        if (found is not null)
        {
            resolved(address, found);
            foreach (IPEndPoint candidate in found.Except(known))
            {
                _candidates.Enqueue(candidate);
            }
        }

        TryNext();
    }

    private async Task ResolveAsync(EndPoint name, NameLookup lookup, ControlLoop loop)
    {
        IReadOnlyList<IPEndPoint>? found = null;
        try
        {
            found = await lookup.ResolveAsync(name, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or OperationCanceledException)
        {
            // Then only what is known can be tried.
        }

        loop.Post(() => OnResolved(found));
    }
}
