using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>
/// Requests that callers send straight to where an actor is on record, past the owner of its slot. Only the way is another: the host runs what it would run if the owner had sent it, and what finds nobody goes on to the
/// owner, as any request. This file is what owner, host and caller know of it; whose calls take such a way is the shell's to say.
/// </summary>
/// <remarks>
/// <para><b>Order.</b> A caller begins when a note that it sent by the owner, behind all its requests for the actor and with none after it, has come to the host and found the actor there: then all of them are in its mailbox. The
/// host names the stay, and the caller's requests name it again: an actor that ended and came back has another one, and what its former mailbox held may still be on its way round by the owner, so who means the former stay
/// goes that way, behind it. A caller that hears of that, or ends it by itself, holds what it has for the actor and sends a <see cref="Flush"/> the same way; the owner's answer says that all of it is there.</para>
/// <para>Its tokens begin far above those of slots' flushes: no answer to one is taken for that of the other.</para>
/// </remarks>
internal sealed partial class HandoffCore
{
    /// <summary>Tokens above are of ways that are left; those of slots are below.</summary>
    public const long LeaveTokens = 1L << 60;

    private readonly Dictionary<long, (ActorId Id, int Slot)> _leaving = [];
    private uint _lastStay;
    private long _lastLeave = LeaveTokens;

    /// <summary>As the owner: whether all requests for an actor that came here before have been sent to its host, so that what is sent there now comes behind them.</summary>
    public bool MayBeSought(in ActorId id, int slot, out MemberId host)
    {
        host = default;
        if (GroupOf(id.ClassName) is not { } group || !group.IsOwned[slot] || group.Cells[slot] is not { IsHolding: false, IsAwaiting: false, IsLettingGo: false } cell
            || !cell.Records.TryGetValue(id, out Directions? directions) || !directions.IsReady || directions.Held.Count != 0 || directions.Returned.Count != 0 || directions.Host == Self)
        {
            return false;
        }

        host = directions.Host;
        return true;
    }

    /// <summary>As the host: the number of the actor's stay; 0 if it is not here, or about to go.</summary>
    public uint StayOf(in ActorId id, int slot) =>
        !IsLeaving && GroupOf(id.ClassName)?.Cells[slot] is { } cell && cell.Guests.TryGetValue(id, out Guest? guest) && !guest.IsDraining ? guest.Stay : 0;

    /// <summary>A request made on the node that the actor stays on.</summary>
    /// <returns>False if that stay is over: it is to be dispatched.</returns>
    public bool TryRunHere(TimeSpan now, SlotRequest request, uint stay)
    {
        if (GroupOf(request.Id.ClassName)?.Cells[request.Slot] is not { } cell || !cell.Guests.TryGetValue(request.Id, out Guest? guest) || guest.Stay != stay)
        {
            return false;
        }

        Run(request, guest.Fence);
        AfterStep(now);
        return true;
    }

    /// <summary>As the caller: a flush behind all that was sent straight to an actor. It goes to the host, and from there the way of requests; <see cref="HandoffOutputKind.WayLeft"/> is its end.</summary>
    public long Leave(TimeSpan now, in ActorId id, int slot, in MemberId host)
    {
        long token = ++_lastLeave;
        _leaving.Add(token, (id, slot));
        LeaveAgain(now, token, host);
        return token;
    }

    /// <summary>The same flush once more, for one that was lost.</summary>
    public void LeaveAgain(TimeSpan now, long token, in MemberId host)
    {
        if (_leaving.TryGetValue(token, out (ActorId Id, int Slot) way) && GroupOf(way.Id.ClassName) is { } group)
        {
            Send(host, new Flush(Epoch, group.Types, way.Slot, Self, token, HandoffLimits.MessageHopsMax));
        }

        AfterStep(now);
    }

    /// <summary>Nobody waits for that flush any more.</summary>
    public void ForgetLeave(long token) => _leaving.Remove(token);

    /// <summary>A request that waits for a way, and whose deadline has passed.</summary>
    public void RefuseExpired(SlotRequest request) => Refuse(request, Refusal.Expired);

    /// <summary>Says that a way is closed, when all that comes before is done.</summary>
    public void CloseWay(in ActorId id) => _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.WayClosed, Id: id));

    private bool HasLeft(in MemberId at, long token)
    {
        if (!_leaving.TryGetValue(token, out (ActorId Id, int Slot) way))
        {
            return token > LeaveTokens; // One that was answered twice.
        }

        if (at != Self && GroupOf(way.Id.ClassName) is { } group && group.OwnerOf(way.Slot) is { IsNone: false } owner && owner != at)
        {
            Send(at, new Flush(Epoch, group.Types, way.Slot, Self, token, HandoffLimits.MessageHopsMax)); // It owned the slot; what is there has yet to come to who owns it now.
            return true;
        }

        _leaving.Remove(token);
        _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.WayLeft, Number: token));
        return true;
    }

    private void ReceiveDirect(TimeSpan now, TypeGroup group, in MemberId from, SlotRequest request)
    {
        SlotCell? cell = group.Cells[request.Slot];
        if (cell is not null && cell.Guests.TryGetValue(request.Id, out Guest? guest) && (guest.Stay == request.Stay || !_rules.ChecksStay))
        {
            Run(request, guest.Fence);
            return;
        }

        _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Stray, from, Id: request.Id, Number: request.Stay));
        request.Stay = 0;
        if (cell is { IsHolding: true })
        {
            HoldForFlush(cell, new SlotItem(from, request)); // Behind what the actor left, which waits here; and a flush of its sender behind it.
            return;
        }

        Arrive(now, group, new SlotItem(from, request), request.Slot);
    }
}
