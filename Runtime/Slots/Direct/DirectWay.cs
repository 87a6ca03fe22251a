using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Direct;

/// <summary>What a <see cref="DirectWay"/> is for the calls of its actor.</summary>
internal enum DirectWayState
{
    /// <summary>It is being asked whether all that went by the owner is there: calls wait.</summary>
    Asking,

    /// <summary>Calls go straight to the host.</summary>
    Open,

    /// <summary>The host is not connected at this moment, or something else goes there first: calls wait. What went there before may still arrive, so it is no time to go by the owner.</summary>
    Waiting,

    /// <summary>The host is this node: calls run here.</summary>
    Here,

    /// <summary>What went straight to the host is being flushed to the owner: calls wait.</summary>
    Leaving,

    /// <summary>What waited takes its way by the owner.</summary>
    Closing,
}

/// <summary>The way of this node's own calls to one actor that is on record elsewhere than at the owner of its slot. Changed under the gate; what senders look at (<see cref="Connection"/>, <see cref="LeadsTo"/>) is for any thread.</summary>
/// <param name="id">The actor.</param>
/// <param name="slot">Its slot.</param>
internal sealed class DirectWay(ActorId id, int slot)
{
    private volatile DirectWayState _state;
    private volatile bool _isUsed = true;
    private Peer? _peer;

    /// <summary>The actor.</summary>
    public ActorId Id => id;

    /// <summary>Its slot.</summary>
    public int Slot => slot;

    /// <summary>What it is. Written last: who reads that it is open reads its host.</summary>
    public DirectWayState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>Whether calls may be under way straight to the host.</summary>
    public bool IsOut => _state is DirectWayState.Open or DirectWayState.Waiting;

    /// <summary>The node that has the actor; nobody before it is found.</summary>
    public MemberId Host { get; private set; }

    /// <summary>Which of its stays there.</summary>
    public uint Stay { get; private set; }

    /// <summary>The number of what is asked: of a question, or of a flush. 0: nothing is.</summary>
    public long Token { get; set; }

    /// <summary>Whom the question went to.</summary>
    public MemberId Owner { get; set; }

    /// <summary>Since when it is asked.</summary>
    public TimeSpan Since { get; set; }

    /// <summary>When the flush is sent again.</summary>
    public TimeSpan RetryAt { get; set; }

    /// <summary>It is to be forgotten, and not asked for anew.</summary>
    public bool IsUnwanted { get; set; }

    /// <summary>Calls that wait for it, in order.</summary>
    public Queue<SlotRequest> Held { get; } = new();

    /// <summary>The connection to the host, if calls go there now. Any thread.</summary>
    public Connection? Connection => _state == DirectWayState.Open && _peer!.Connection is { LayerState: SlotLine { IsReady: true } line } connection && line.Member == Host ? connection : null;

    /// <summary>Whether calls still go by a connection; in a <see cref="SendSections"/>, before a request is sent.</summary>
    public bool LeadsTo(Connection connection) => _state == DirectWayState.Open && connection is { State: ConnectionState.Open, LayerState: SlotLine line } && line.Member == Host;

    /// <summary>The actor was found.</summary>
    public void Find(in MemberId host, Peer? peer, uint stay)
    {
        Host = host;
        Stay = stay;
        _peer = peer;
    }

    /// <summary>A call took it. Not written when it is known: many threads read it.</summary>
    public void Use()
    {
        if (!_isUsed)
        {
            _isUsed = true;
        }
    }

    /// <summary>Whether a call took it since this was asked last.</summary>
    public bool TakeUse()
    {
        bool isUsed = _isUsed;
        _isUsed = false;
        return isUsed;
    }
}
