using System.Net;
using Kameo.Actors.Transport.Discovery.Seeds;

namespace Kameo.Actors.Transport.Control;

/// <summary>One attempt to reach an address on the control lane: a name is resolved first, and each address it leads to is tried, one after the other. On the loop's thread but for the resolver.</summary>
/// <param name="address">The address as it was given.</param>
/// <param name="tryConnect">Begins to connect; <see cref="GoOn"/> follows when it led to nobody.</param>
/// <param name="failed">Is told when none of the addresses led to anybody, and whether all of them refused.</param>
internal sealed class ControlDial(string address, Action<string, IPEndPoint> tryConnect, Action<string, bool> failed)
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<IPEndPoint> _candidates = [];
    private bool _allRefused = true;

    /// <summary>Begins.</summary>
    public void Start(NameLookup lookup, ControlLoop loop)
    {
        if (!AddressText.TryParse(address, out EndPoint? endPoint))
        {
            GoOn(isRefused: false);
        }
        else if (endPoint is IPEndPoint ip)
        {
            tryConnect(address, ip);
        }
        else
        {
            _ = Task.Run(() => ResolveAsync(endPoint, lookup, loop));
        }
    }

    /// <summary>The attempt under way led to nobody: the next address.</summary>
    public void GoOn(bool isRefused)
    {
        _allRefused &= isRefused;
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        if (_candidates.TryDequeue(out IPEndPoint? next))
        {
            tryConnect(address, next);
        }
        else
        {
            failed(address, _allRefused);
        }
    }

    /// <summary>No further address is tried.</summary>
    public void Stop() => _stop.Cancel();

    private async Task ResolveAsync(EndPoint name, NameLookup lookup, ControlLoop loop)
    {
        try
        {
            IReadOnlyList<IPEndPoint> found = await lookup.ResolveAsync(name, _stop.Token).ConfigureAwait(false);
            loop.Post(() =>
            {
                foreach (IPEndPoint candidate in found)
                {
                    _candidates.Enqueue(candidate);
                }

                GoOn(isRefused: true);
            });
        }
        catch (Exception exception) when (exception is TransportException or OperationCanceledException)
        {
            loop.Post(() => GoOn(isRefused: false));
        }
    }
}
