using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport.Views;

/// <summary>The control connections of a node: who is connected in which incarnation, which addresses to dial and when.</summary>
/// <param name="timing">Durations.</param>
/// <param name="ownAddress">Never dialled.</param>
internal sealed class PeerBook(ViewTiming timing, string ownAddress)
{
    private const int BackoffSteps = 4;
    private readonly Dictionary<PeerId, Connected> _connected = [];
    private readonly Dictionary<string, int> _connectedAt = [];
    private readonly Dictionary<string, Dial> _dials = [];

    /// <summary>How many are connected.</summary>
    public int Count => _connected.Count;

    /// <summary>Who is connected.</summary>
    public IEnumerable<MemberId> Connections => _connected.Values.Select(static one => one.Id);

    /// <summary>Where those who are connected are dialled.</summary>
    public IEnumerable<string> Addresses => _connected.Values.Select(static one => one.Address);

    /// <summary>Whether this incarnation is connected.</summary>
    public bool IsConnected(in MemberId id) => _connected.TryGetValue(id.Peer, out Connected? one) && one.Id == id;

    /// <summary>Which incarnation of a peer is connected.</summary>
    public bool TryGet(PeerId peer, out MemberId id)
    {
        bool found = _connected.TryGetValue(peer, out Connected? one);
        id = found ? one!.Id : default;
        return found;
    }

    /// <summary>Whether an address has a connection.</summary>
    public bool IsConnected(string address) => _connectedAt.ContainsKey(address);

    /// <summary>Whether the last dial of an address failed.</summary>
    public bool HasFailed(string address) => _dials.TryGetValue(address, out Dial? dial) && dial.Failures > 0;

    /// <summary>Whether an address is being dialled.</summary>
    public bool IsDialling(string address) => _dials.TryGetValue(address, out Dial? dial) && dial.IsOutstanding;

    /// <summary>A connection is up.</summary>
    public void Up(in MemberId id, string address)
    {
        Remove(id.Peer);
        _connected[id.Peer] = new Connected(id, address);
        _connectedAt[address] = _connectedAt.GetValueOrDefault(address) + 1;
        _dials.Remove(address);
    }

    /// <summary>A connection ended.</summary>
    /// <returns>Whether it was the one known.</returns>
    public bool Ended(in MemberId id) => IsConnected(id) && Remove(id.Peer);

    /// <summary>A dial failed.</summary>
    public void Failed(TimeSpan now, string address)
    {
        if (TryFindDial(address, out Dial? dial))
        {
            dial.IsOutstanding = false;
            dial.Failures = Math.Min(dial.Failures + 1, BackoffSteps);
            dial.NextAt = now + (timing.RetryEvery * dial.Failures);
        }
    }

    /// <summary>Whether an address is to be dialled now; if so the dial counts as made.</summary>
    public bool TryDial(TimeSpan now, string address)
    {
        if (address == ownAddress || IsConnected(address))
        {
            return false;
        }

        if (!TryFindDial(address, out Dial? dial))
        {
            _dials.Add(address, dial = new Dial());
        }

        if (dial.IsOutstanding || now < dial.NextAt)
        {
            return false;
        }

        dial.IsOutstanding = true;
        return true;
    }

    /// <summary>Forgets the dials of addresses that are of no use any more.</summary>
    public void Forget(Func<string, bool> isOfUse)
    {
        foreach (string address in _dials.Where(dial => !dial.Value.IsOutstanding && !isOfUse(dial.Key)).Select(static dial => dial.Key).ToArray())
        {
            _dials.Remove(address);
        }
    }

    /// <summary>Forgets all: a life ended.</summary>
    public void Clear()
    {
        _connected.Clear();
        _connectedAt.Clear();
        _dials.Clear();
    }

    private bool Remove(PeerId peer)
    {
        if (!_connected.Remove(peer, out Connected? one))
        {
            return false;
        }

        int left = _connectedAt[one.Address] - 1;
        if (left == 0)
        {
            _connectedAt.Remove(one.Address);
        }
        else
        {
            _connectedAt[one.Address] = left;
        }

        return true;
    }

    private bool TryFindDial(string address, [NotNullWhen(true)] out Dial? dial) => _dials.TryGetValue(address, out dial);

    private sealed record Connected(MemberId Id, string Address);

    private sealed class Dial
    {
        public bool IsOutstanding;
        public int Failures;
        public TimeSpan NextAt;
    }
}
