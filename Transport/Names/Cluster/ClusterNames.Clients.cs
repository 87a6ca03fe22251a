using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Names.Clients;
using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <content>Clients that follow through this member, and what they have it register.</content>
internal sealed partial class ClusterNames
{
    /// <summary>Waits that one client may have under way here: so that a few cannot use up all there are.</summary>
    private const int WaitsPerClientMax = 32;

    /// <summary>The longest that a client may have this member wait; it asks again.</summary>
    private static readonly TimeSpan s_clientWaitMax = TimeSpan.FromSeconds(30);

    private readonly Dictionary<PeerId, ClientState> _clients = [];

    /// <summary>A client follows through this member from now on.</summary>
    /// <param name="client">The client.</param>
    /// <param name="incarnation">Its incarnation; what an earlier one registered is removed.</param>
    /// <param name="refused">Called when it is to find another member, because as many as allowed follow or this incarnation was evicted. Under the lock.</param>
    /// <returns>False when what was told before waits to be taken and is as much as may: nothing was told.</returns>
    public bool OnClientAttached(PeerId client, ulong incarnation, Action? refused = null)
    {
        if (_told.Count >= ToldMax)
        {
            return false;
        }

        Tell(() =>
        {
            if (_clients.TryGetValue(client, out ClientState? known) && known.Incarnation != incarnation)
            {
                DetachLocked(client, known);
            }

            if (_core.Attach(new RegistrySource(client, incarnation)))
            {
                _clients.TryAdd(client, new ClientState(incarnation));
            }
            else
            {
                refused?.Invoke();
            }
        });
        return true;
    }

    /// <summary>A client follows through this member no more: its names are removed.</summary>
    /// <param name="client">The client.</param>
    public void OnClientDetached(PeerId client)
    {
        Tell(() =>
        {
            if (_clients.TryGetValue(client, out ClientState? known))
            {
                DetachLocked(client, known);
            }
        });
    }

    /// <summary>An order of a client arrived. On its receive loop.</summary>
    /// <returns>The answer; null when it comes later.</returns>
    public NameOrderAnswer? Handle(Connection from, ulong correlation, NameOrder order)
    {
        NameOrderAnswer? answer;
        lock (Gate)
        {
            TakeToldLocked();
            answer = _isStopped ? new NameOrderAnswer(NameOrderOutcome.NotServing)
                : !_clients.TryGetValue(from.PeerId, out ClientState? client) || client.Incarnation != from.PeerHello.Incarnation ? new NameOrderAnswer(NameOrderOutcome.UnknownClient)
                : order.Kind switch
                {
                    NameOrderKind.Set => SetLocked(from.PeerId, client, order),
                    NameOrderKind.Remove => RemoveLocked(from.PeerId, client, order),
                    NameOrderKind.AwaitVisible => AwaitVisibleLocked(from, correlation, client, order),
                    _ => new NameOrderAnswer(NameOrderOutcome.Malformed),
                };
            FinishLocked();
        }

        Deliver();
        return answer;
    }

    /// <summary>A wait of a client is over.</summary>
    public void OnClientWaitEnded(ClientState client)
    {
        lock (Gate)
        {
            client.Waits--;
        }
    }

    private static NameOrderAnswer AnswerTo(RegisterResult result) => new(
        result.Outcome switch
        {
            RegisterOutcome.Done => NameOrderOutcome.Done,
            RegisterOutcome.NameTaken => NameOrderOutcome.NameTaken,
            RegisterOutcome.Full => NameOrderOutcome.Full,
            RegisterOutcome.BadName or RegisterOutcome.MetadataTooLong => NameOrderOutcome.Malformed,
            RegisterOutcome.UnknownClient => NameOrderOutcome.UnknownClient,
            _ => NameOrderOutcome.NotServing,
        },
        result.Version);

    private NameOrderAnswer SetLocked(PeerId client, ClientState state, NameOrder order)
    {
        RegistryEntry? known = _core.FindOwn(order.Name);
        if (known is not null && known.Client == client)
        {
            if (known.Priority == order.Priority)
            {
                return known.Metadata.Span.SequenceEqual(order.Metadata.Span)
                    ? new NameOrderAnswer(NameOrderOutcome.Done, known.Version)
                    : AnswerTo(_core.Change(Now, order.Name, order.Metadata));
            }

            _core.Unregister(Now, order.Name, known.Priority); // A registration of the same name anew.
        }

        RegisterResult result = _core.Register(Now, order.Name, KindHandler, order.Priority, order.Metadata, client);
        if (result.Outcome == RegisterOutcome.Done)
        {
            state.Names.Add(order.Name);
            SampleLocked(result.Version);
            Router.PassOn(order.Name, Node.PeerOf(client));
        }

        return AnswerTo(result);
    }

    private NameOrderAnswer RemoveLocked(PeerId client, ClientState state, NameOrder order)
    {
        if (_core.FindOwn(order.Name) is not { } known || known.Client != client)
        {
            return new NameOrderAnswer(NameOrderOutcome.Done, _core.Version);
        }

        RegisterResult result = _core.Unregister(Now, order.Name, RegistrationPriority.Immediate);
        if (result.Outcome == RegisterOutcome.Done)
        {
            state.Names.Remove(order.Name);
            Router.PassOnNoMore(order.Name);
        }

        return AnswerTo(result);
    }

    private NameOrderAnswer? AwaitVisibleLocked(Connection from, ulong correlation, ClientState client, NameOrder order)
    {
        if (order.Version > _core.Version)
        {
            return new NameOrderAnswer(NameOrderOutcome.UnknownVersion);
        }

        TimeSpan now = Now;
        TimeSpan time = TimeSpan.FromMilliseconds(order.Milliseconds);
        int id = client.Waits < WaitsPerClientMax && WaitCount < Node.Limits.NameWatchesMax ? _core.WaitVisible(now, order.Version, now + (time < s_clientWaitMax ? time : s_clientWaitMax)) : 0;
        if (id == 0)
        {
            return new NameOrderAnswer(NameOrderOutcome.Full);
        }

        client.Waits++;
        _waits.Add(id, new ClientVisibleWait(this, client, from, correlation, order.Version));
        return null;
    }

    private void DetachLocked(PeerId client, ClientState known)
    {
        _core.Detach(Now, client);
        foreach (string name in known.Names)
        {
            Router.PassOnNoMore(name);
        }

        _clients.Remove(client);
    }

    /// <summary>A new life knows no client: each of them attaches and registers anew, here or elsewhere.</summary>
    private void ForgetClientsLocked()
    {
        foreach (string name in _clients.Values.SelectMany(static client => client.Names))
        {
            Router.PassOnNoMore(name);
        }

        _clients.Clear();
    }
}
