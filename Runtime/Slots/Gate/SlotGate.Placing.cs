using System.Collections.Concurrent;
using System.Security.Cryptography;
using Kameo.Actors.Catalog;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Gate;

/// <summary>Where actors go that are placed by choice: said with each of their requests at the owner of their slot, and read there when one is placed anew.</summary>
internal sealed partial class SlotGate
{
    /// <summary>How often a node tells the others how many actors it has.</summary>
    private static readonly TimeSpan s_announceEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, PlacementTerms> _terms = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MemberId, int> _loads = new();
    private readonly Dictionary<string, Member[]> _hostsOfClass = new(StringComparer.Ordinal);
    private readonly Random _random = new(RandomNumberGenerator.GetInt32(int.MaxValue));
    private View? _view;
    private TimeSpan _announceAt;

    /// <summary>Where actors of a class run; of one that this process does not know: where the owner of their slot says. Any thread.</summary>
    public PlacementTerms PlacementOf(string className) => _terms.TryGetValue(className, out PlacementTerms? known) ? known : FindTerms(className);

    /// <summary>Of how many classes it is known: of those in this process only, whatever others ask for.</summary>
    internal int KnownPlacements => _terms.Count;

    /// <summary>Has the owner of an actor's slot move it. Any thread.</summary>
    /// <exception cref="NodeUnreachableException">The owner is not connected.</exception>
    /// <exception cref="ArgumentException">The node is no member that is up, or does not host the class, or not with the label that its actors are pinned to.</exception>
    /// <exception cref="OverloadedException">Too many actors that were moved wait for their next call.</exception>
    public void Move(in ActorId id, PeerId to)
    {
        lock (_lock)
        {
            int slot = SlotHash.SlotOf(id);
            if (_core is not { } core || core.GroupOf(id.ClassName) is not { } group || _view?.FindPeer(to) is not { State: MemberState.Up } member || !member.HostedTypes.Contains(id.ClassName))
            {
                throw new ArgumentException($"{to.ToShortString()} is no member that hosts {id.ClassName}.", nameof(to));
            }

            if (PlacementOf(id.ClassName) is { Placement: ActorPlacement.Pinned } terms && !terms.Fits(member))
            {
                throw new ArgumentException($"{to.ToShortString()} does not have the label '{terms.Label}' that {id.ClassName} is pinned to.", nameof(to));
            }

            MemberId owner = group.OwnerOf(slot);
            if (owner == core.Self)
            {
                if (!TryMoveHere(id, slot, member.Id))
                {
                    throw new OverloadedException(id, null, $"{id} was not moved: {HandoffLimits.MovesMax} actors that were moved have not been called since.");
                }
            }
            else if (FindLine(owner) is { IsReady: true } line)
            {
                line.Connection.PutOrdered(SlotNote.EncodeMove(id, to));
            }
            else
            {
                throw new NodeUnreachableException(CallOutcome.NotRun, id, owner.Peer, $"{id} was not moved: the node {owner.Peer.ToShortString()}, which knows where it is, is not connected.");
            }
        }
    }

    private bool TryMoveHere(in ActorId id, int slot, in MemberId to)
    {
        TimeSpan now = _clock.Now;
        bool isMoved = _core!.Move(now, id, slot, to);
        DoOutputs(now);
        return isMoved || _core is not { IsFullOfMoves: true };
    }

    private PlacementTerms FindTerms(string className) =>
        ActorCatalog.FindClass(className) is { } @class ? _terms.GetOrAdd(className, PlacementTerms.Of(_node.Options, @class.Type)) : PlacementTerms.Hashed; // A name that a peer made up is not kept.

    /// <summary>Says of a request what the owner of its slot needs to know: whether the actor is kept on record, and where it is to be if it is nowhere.</summary>
    /// <returns>False if it can be nowhere: it was refused.</returns>
    private bool TryPrefer(CallRequest request, in MemberId from)
    {
        PlacementTerms terms = PlacementOf(request.Id.ClassName);
        if (!terms.IsRecorded)
        {
            return true;
        }

        request.IsRecorded = true;
        request.IsPinned = terms.Placement == ActorPlacement.Pinned;
        if (TryChoose(terms, request, from, out MemberId chosen))
        {
            request.Preferred = chosen;
            return true;
        }

        request.RefuseByLabel(terms.Label);
        return false;
    }

    /// <summary>With a view: what waits here to be placed at a node that is not up any more chooses anew, among those that are.</summary>
    private void PreferAnew(View view)
    {
        foreach (CallRequest request in _held)
        {
            if (request.IsRecorded && !(view.TryFind(request.Preferred, out Member? member) && member.State == MemberState.Up))
            {
                request.Preferred = TryChoose(PlacementOf(request.Id.ClassName), request, default, out MemberId chosen) ? chosen : default;
            }
        }
    }

    private bool TryChoose(PlacementTerms terms, CallRequest request, MemberId from, out MemberId chosen)
    {
        Member[] hosts = HostsOf(request.Id.ClassName);
        chosen = default;
        switch (terms.Placement)
        {
            case ActorPlacement.Pinned:
                Member[] fitting = Array.FindAll(hosts, terms.Fits);
                chosen = fitting.Length == 0 ? default : fitting[request.Slot % fitting.Length].Id;
                return fitting.Length != 0;
            case ActorPlacement.PreferLocal when Array.Exists(hosts, member => member.Id == from):
                chosen = from;
                break;
            case ActorPlacement.LeastLoaded when hosts.Length > 1:
                int first = _random.Next(hosts.Length);
                MemberId one = hosts[first].Id;
                MemberId other = hosts[(first + 1 + _random.Next(hosts.Length - 1)) % hosts.Length].Id;
                chosen = LoadOf(one) <= LoadOf(other) ? one : other; // Two choices are nearly as good as all, and no two nodes choose the same one at the same time.
                _loads.AddOrUpdate(chosen, 1, static (_, load) => load + 1);
                break;
            default:
                chosen = hosts.Length == 0 ? default : hosts[_random.Next(hosts.Length)].Id;
                break;
        }

        return true;
    }

    /// <summary>How many actors a member had when it said so last. Any thread.</summary>
    public int KnownLoadOf(PeerId peer) => _loads.FirstOrDefault(entry => entry.Key.Peer == peer).Value;

    private int LoadOf(in MemberId member) => member == _core!.Self ? _node.ActivationCount : _loads.GetValueOrDefault(member);

    private Member[] HostsOf(string className)
    {
        if (!_hostsOfClass.TryGetValue(className, out Member[]? hosts))
        {
            hosts = _view is null ? [] : [.. _view.Members.Where(member => member.State == MemberState.Up && member.HostedTypes.Contains(className))];
            _hostsOfClass.Add(className, hosts);
        }

        return hosts;
    }

    private void NoteView(View view)
    {
        _view = view;
        _hostsOfClass.Clear();
        foreach (MemberId gone in _loads.Keys.Where(id => !view.Contains(id)).ToArray())
        {
            _loads.TryRemove(gone, out _);
        }
    }

    /// <summary>The view that is installed here, and how many actors there are: on every connection, in line with the requests.</summary>
    private void Announce(long epoch)
    {
        Span<byte> note = stackalloc byte[SlotNote.AnnouncementBytes];
        SlotNote.WriteAnnouncement(note, epoch, _node.ActivationCount);
        foreach (SlotLine line in _lines)
        {
            if (IsOfThisLife(line))
            {
                line.Connection.PutOrdered(note);
                line.IsAnnounced = true;
            }
        }
    }

    private void AnnounceOn(SlotLine line)
    {
        if (_epoch != long.MinValue && !line.IsAnnounced && IsOfThisLife(line))
        {
            Span<byte> note = stackalloc byte[SlotNote.AnnouncementBytes];
            SlotNote.WriteAnnouncement(note, _epoch, _node.ActivationCount);
            line.Connection.PutOrdered(note);
            line.IsAnnounced = true;
        }
    }

    private void AnnounceIfDue(TimeSpan now)
    {
        if (now < _announceAt)
        {
            return;
        }

        _announceAt = now + s_announceEvery;
        if (_epoch != long.MinValue && !_node.Options.IsClient)
        {
            Announce(_epoch);
        }
    }

    private void TakeMove(in ActorId id, PeerId to)
    {
        int slot = SlotHash.SlotOf(id);
        if (_core is { } core && core.GroupOf(id.ClassName)?.OwnerOf(slot) == core.Self && _view?.FindPeer(to) is { } member)
        {
            TryMoveHere(id, slot, member.Id);
        }
    }
}
