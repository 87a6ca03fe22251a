using Kameo.Actors.Simulation.Actors;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>
/// One activation: no two nodes, and no two incarnations of one, hold the authority to run an actor at the same true time, and nobody passes the check of an entry while a stretch that was checked elsewhere less than G
/// ago runs. A stretch that was frozen for longer is beyond the promise, which holds per cluster id. And the fence, as a store sees it, never falls, and rises from an activation that was not ended to the next.
/// </summary>
internal sealed class ExclusionChecker(World world)
{
    private const string Promise = "one activation";
    private readonly List<SimTurn>[] _running = [.. Population.Actors.Select(static _ => new List<SimTurn>())];
    private readonly SimActivation?[] _last = new SimActivation?[Population.Actors.Count];

    /// <summary>Turns that passed their check.</summary>
    public long Entries { get; private set; }

    /// <summary>A turn passes the check of its entry.</summary>
    public void Checked(SimNode node, SimTurn turn)
    {
        Entries++;
        turn.CheckedAt = world.Now;
        SimActivation activation = turn.Activation;
        int actor = Population.NumberOf(activation.Id);
        foreach (SimTurn other in _running[actor])
        {
            if (other.Activation != activation && other.Activation.Cluster == activation.Cluster && world.Now - other.CheckedAt < world.Guard)
            {
                throw new ViolationException(Promise, $"{activation.Id}: {activation.Self} on n{activation.Node} enters while {other.Activation.Self} on n{other.Activation.Node} runs what it entered {(world.Now - other.CheckedAt) / 10_000.0:0.0} ms ago");
            }
        }

        foreach (SimNode other in world.Nodes)
        {
            if (other != node && other.Core is { } core && core.Installed.Cluster == activation.Cluster && other.Actors.HasAuthority(activation.Id))
            {
                throw new ViolationException(Promise, $"{activation.Id}: {node.Name} enters while {other.Name} holds its authority until {(other.TrueTime(core.LeaseEnd) - world.Now) / 10_000.0:0.0} ms from now");
            }
        }

        CheckFence(activation, actor);
        _running[actor].Add(turn);
    }

    /// <summary>A turn left user code.</summary>
    public void Left(SimTurn turn) => _running[Population.NumberOf(turn.Activation.Id)].Remove(turn);

    /// <summary>A process died, and all that ran in it.</summary>
    public void Died(SimNode node)
    {
        foreach (List<SimTurn> running in _running)
        {
            running.RemoveAll(turn => turn.Activation.Node == node.Index);
        }
    }

    /// <summary>A new process goes on with the life of one that died: no new epoch comes of that, so what ran in the old one is followed by the same fence.</summary>
    public void Resumed(MemberId self)
    {
        foreach (SimActivation? activation in _last)
        {
            if (activation is not null && activation.Self == self)
            {
                activation.IsOver = true;
            }
        }
    }

    /// <summary>What an outside store sees that every entry writes to.</summary>
    private void CheckFence(SimActivation activation, int actor)
    {
        if (_last[actor] is { } last && last != activation && last.Cluster == activation.Cluster && (activation.Fence < last.Fence || (activation.Fence == last.Fence && !last.IsOver && activation.Self != last.Self)))
        {
            throw new ViolationException("the fence rises", $"{activation.Id}: {activation.Self} on n{activation.Node} has fence {Plain.Epoch(activation.Fence)} after {Plain.Epoch(last.Fence)} of {last.Self} on n{last.Node}, which {(last.IsOver ? "ended" : "did not end")}");
        }

        _last[actor] = activation;
    }
}
