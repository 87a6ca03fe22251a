using Kameo.Actors.Placement;
using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Gate;

/// <summary>Direct ways (<see cref="Direct.DirectWays"/>): what this shell has for them.</summary>
internal sealed partial class SlotGate : IDirectShell
{
    private readonly DirectWays _ways;
    private long _passedByRecord;

    /// <summary>Calls that this node, owner of their slots, passed on to where their actors are on record. A glance: any thread.</summary>
    public long PassedByRecord => Interlocked.Read(ref _passedByRecord);

    /// <summary>How many actors this node knows a direct way to. A glance: any thread.</summary>
    public int DirectWays => _ways.Count;

    /// <summary>As many as <see cref="Direct.DirectWays.Max"/>, but for tests.</summary>
    public int DirectWaysLimit
    {
        get => _ways.Limit;
        set => _ways.Limit = value;
    }

    /// <summary>The direct way to an actor; null: its calls go by the owner of its slot. Any thread.</summary>
    public DirectWay? WayOf(in ActorId id) => _ways.Find(id);

    /// <inheritdoc/>
    int IDirectShell.SlotOf(in ActorId id) => SlotHash.SlotOf(id);

    /// <inheritdoc/>
    IDirectLine? IDirectShell.FindLine(in MemberId member) => FindLine(member);

    /// <inheritdoc/>
    bool IDirectShell.MakeReady(IDirectLine line) => MakeReadyToPut((SlotLine)line);

    /// <inheritdoc/>
    bool IDirectShell.HasWaiting(IDirectLine line, int slot) => IsWaitedFor((SlotLine)line, slot);

    /// <inheritdoc/>
    void IDirectShell.WaitForSenders() => SendSections.WaitForAll();

    /// <inheritdoc/>
    Peer? IDirectShell.PeerOf(in MemberId member) => _transport!.PeerOf(member.Peer);

    /// <inheritdoc/>
    bool IDirectShell.TryForward(in MemberId to, SlotRequest request)
    {
        if (FindLine(to) is not { } line || !MakeReadyToPut(line))
        {
            return false;
        }

        _held.Remove((CallRequest)request);
        ((CallRequest)request).Forward(line.Connection);
        return true;
    }

    private bool MakeReadyToPut(SlotLine line)
    {
        MakeReady(line);
        return line.IsReady && !_outboxes.ContainsKey(line.Member);
    }
}
