using Kameo.Actors.Activations;
using Kameo.Actors.Placement;
using Kameo.Actors.Transport.Membership;

namespace Kameo.Actors.Slots.Gate;

/// <summary>
/// What lives in slots that were lost: it is looked for once for all slots that a view took away, ended where it is idle and has nothing to do at its end, and named where not; a few slots at a time. So nobody waits at the
/// gate while a million actors end, and the first slots are the new owner's long before the last ones are looked at.
/// </summary>
/// <remarks>
/// On the gate's own thread, and done before that installs another view: no slot is won again that is still being let go. Meanwhile a slot that was lost is as it will be: nothing begins there, requests for it go to its owner,
/// and an activation of it that ends by itself gives back what it has left.
/// </remarks>
internal sealed partial class SlotGate
{
    /// <summary>How many activations are looked at until the slots that they were in are released: a fraction of a millisecond.</summary>
    private const int LetGoAtOnce = 512;

    private readonly List<(TypeGroup Group, int Slot)> _lost = [];

    /// <summary>The core asks what lives in a slot. Under the gate.</summary>
    private void NoteLost(TypeGroup group, int slot)
    {
        _lost.Add((group, slot));
        if (_lost.Count == 1)
        {
            _loop.Post(LetGoOfLost);
        }
    }

    /// <summary>On the gate's thread, without the gate.</summary>
    private void LetGoOfLost()
    {
        (TypeGroup Group, int Slot)[] lost;
        HandoffCore? core;
        NodeLife? life;
        lock (_lock)
        {
            lost = [.. _lost];
            _lost.Clear();
            (core, life) = (_core, _life);
        }

        if (lost.Length == 0 || core is null)
        {
            return;
        }

        Dictionary<TypeGroup, List<Activation>?[]> found = FindAlive(life, lost);
        List<(TypeGroup Group, int Slot, List<Activation> Alive, List<Activation> Ended)> some = [];
        int looked = 0;
        for (int at = 0; at < lost.Length; at++)
        {
            (TypeGroup group, int slot) = lost[at];
            List<Activation> alive = found[group][slot]!;
            found[group][slot] = null; // What has ended is not kept until all have.
            looked += alive.Count;
            some.Add((group, slot, alive, EndIdle(alive)));
            if (looked < LetGoAtOnce && at < lost.Length - 1)
            {
                continue;
            }

            lock (_lock)
            {
                if (!ReferenceEquals(core, _core))
                {
                    return; // That life is over.
                }

                TimeSpan now = _clock.Now;
                core.LetGo(now, some.ConvertAll(one => Name(now, core, one.Group, one.Slot, one.Alive, one.Ended)));
                DoOutputs(now);
            }

            some.Clear();
            looked = 0;
        }
    }

    /// <summary>One pass through the table for all slots that were lost at once.</summary>
    private Dictionary<TypeGroup, List<Activation>?[]> FindAlive(NodeLife? life, (TypeGroup Group, int Slot)[] lost)
    {
        Dictionary<TypeGroup, List<Activation>?[]> found = [];
        bool[] isLost = new bool[SlotHash.Slots]; // Of any group: of most activations no more is read than their slot.
        foreach ((TypeGroup group, int slot) in lost)
        {
            isLost[slot] = true;
            if (!found.TryGetValue(group, out List<Activation>?[]? lists))
            {
                found.Add(group, lists = new List<Activation>?[group.Slots]);
            }

            lists[slot] ??= [];
        }

        Interlocked.MemoryBarrier(); // Partner: whoever makes an activation puts it into the table, fences, and looks at the slot again.
        Dictionary<ClassTerms, List<Activation>?[]?> ofClass = [];
        ClassTerms? last = null;
        List<Activation>?[]? slots = null;
        foreach (Activation activation in _node.Activations.Actors)
        {
            if (!isLost[activation.Slot])
            {
                continue;
            }

            if (activation.Terms != last && !ofClass.TryGetValue(last = activation.Terms, out slots))
            {
                slots = GroupOf(activation.Id.ClassName) is { } group ? found.GetValueOrDefault(group) : null;
                ofClass.Add(last, slots);
            }

            if (slots?[activation.Slot] is { } alive && activation.IsOf(life))
            {
                alive.Add(activation);
            }
        }

        return found;
    }

    /// <summary>Ends those that are idle and have nothing to do at their end; they are taken out of the list.</summary>
    /// <returns>Those.</returns>
    private List<Activation> EndIdle(List<Activation> alive)
    {
        List<Activation> ended = [];
        alive.RemoveAll(activation =>
        {
            bool hasEnded = !activation.Terms.Placement.IsRecorded && activation.TryEndIdle(EndReason);
            if (hasEnded)
            {
                ended.Add(activation);
            }

            return hasEnded;
        });
        return ended;
    }

    /// <summary>Names those that are still there: who was taken out of the table meanwhile has told the core that it ended, or is about to, and is not waited for. Under the gate.</summary>
    private LostSlot Name(TimeSpan now, HandoffCore core, TypeGroup group, int slot, List<Activation> alive, List<Activation> ended)
    {
        if (ended.Count > 0 && core.HasGuests(group, slot))
        {
            ended.ForEach(activation => core.Ended(now, activation.Id, slot, [])); // It may have been one of them, from when this node had lost the slot before.
        }

        List<ActorId> ids = [];
        foreach (Activation activation in alive)
        {
            if (_node.Activations.TryFind(activation.Id) is not null)
            {
                ids.Add(activation.Id); // Itself, or its successor.
            }
        }

        return new LostSlot(group, slot, ids);
    }
}
