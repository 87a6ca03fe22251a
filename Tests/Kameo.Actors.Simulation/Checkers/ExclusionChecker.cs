namespace Kameo.Actors.Simulation.Checkers;

/// <summary>
/// One activation: no two nodes, and no two incarnations of one, hold the authority of a slot at the same true time, and nobody passes the check of an entry while a stretch that was checked elsewhere less than G
/// ago runs. A stretch that was frozen for longer is beyond the promise, which holds per cluster id.
/// </summary>
internal sealed class ExclusionChecker(World world)
{
    private const string Promise = "one activation";
    private readonly List<SimTurn>[] _running = [.. Enumerable.Range(0, SimSlots.Count).Select(static _ => new List<SimTurn>())];

    /// <summary>Turns that passed their check.</summary>
    public long Entries { get; private set; }

    /// <summary>A turn passes the check of its entry.</summary>
    public void Checked(SimNode node, SimTurn turn)
    {
        Entries++;
        turn.CheckedAt = world.Now;
        List<SimTurn> running = _running[turn.Slot];
        foreach (SimTurn other in running)
        {
            if (other.Self != turn.Self && other.Cluster == turn.Cluster && world.Now - other.CheckedAt < world.Guard)
            {
                throw new ViolationException(Promise, $"slot {turn.Slot}: {turn.Self} on n{turn.Node} enters while {other.Self} on n{other.Node} runs what it entered {(world.Now - other.CheckedAt) / 10_000.0:0.0} ms ago");
            }
        }

        foreach (SimNode other in world.Nodes)
        {
            if (other != node && other.Core is { } core && core.Installed.Cluster == turn.Cluster && other.Slots.HasAuthority(turn.Slot))
            {
                throw new ViolationException(Promise, $"slot {turn.Slot}: {node.Name} enters while {other.Name} holds its authority until {(other.TrueTime(core.LeaseEnd) - world.Now) / 10_000.0:0.0} ms from now");
            }
        }

        running.Add(turn);
    }

    /// <summary>A turn left user code.</summary>
    public void Left(SimTurn turn) => _running[turn.Slot].Remove(turn);

    /// <summary>A process died, and all that ran in it.</summary>
    public void Died(SimNode node)
    {
        foreach (List<SimTurn> running in _running)
        {
            running.RemoveAll(turn => turn.Node == node.Index);
        }
    }
}
