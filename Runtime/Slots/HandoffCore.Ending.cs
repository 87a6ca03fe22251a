using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>The end of a life takes its core with it.</summary>
internal sealed partial class HandoffCore
{
    /// <summary>Whether a node is a member of the installed view: a connection to it is to be expected.</summary>
    public bool Knows(in MemberId id) => _history?.Installed.Contains(id) == true;

    /// <summary>Whether this node leaves.</summary>
    public bool IsLeaving => _history?.Installed.TryFind(Self, out Member? own) == true && own.State == MemberState.Leaving;

    /// <summary>Whether nothing waits here, and all who ended here without their slot are known to have.</summary>
    public bool IsEmpty => _held == 0 && _ahead.Count == 0 && !_work.Any(static cell => cell.IsHolding || cell.Endings.Count > 0);

    /// <summary>Whether nothing that goes through another node, or waits for its word, is under way from here.</summary>
    public bool IsDoneWith(in MemberId id)
    {
        foreach (SlotCell cell in _work)
        {
            if (cell.Via == id || cell.Waits.ContainsKey(id) || cell.Recovering.Contains(id))
            {
                return false;
            }

            if (cell.Group.IsOwned[cell.Slot] || cell.IsAwaiting)
            {
                foreach (Directions directions in cell.Records.Values)
                {
                    // A way through it that nobody needs to be flushed needs no flush: it is gone only when all that it ever sent has arrived.
                    if (directions.Host == id || (directions.Through == id && directions.IsFlushing))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }

    /// <summary>Whoever remembers a group of this core is told to look its type up again. The core is not used after this; what it held, its shell refuses.</summary>
    public void End()
    {
        foreach (TypeGroup group in Groups().ToArray())
        {
            group.Void();
        }

        _groups.Clear();
    }
}
