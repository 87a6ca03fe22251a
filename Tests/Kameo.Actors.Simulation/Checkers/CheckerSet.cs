using Kameo.Actors.Simulation.Checkers.Names;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>The checkers of a run, one for each promise, and what they are shown.</summary>
internal sealed class CheckerSet(World world)
{
    public HistoryChecker History { get; } = new();

    public VoterChecker Voters { get; } = new();

    public ExclusionChecker Exclusion { get; } = new(world);

    public AskChecker Asks { get; } = new(world);

    public OrderChecker Order { get; } = new(world);

    public RecordChecker Records { get; } = new(world);

    public EvictionChecker Evictions { get; } = new(world);

    public ReformChecker Reforms { get; } = new(world);

    public DepartureChecker Departures { get; } = new(world);

    public ConvergenceChecker Convergence { get; } = new(world);

    public NameCheckerSet Names { get; } = new(world);

    /// <summary>A core did something.</summary>
    public void AfterStep(SimNode node) => Voters.AfterStep(node);

    /// <summary>A node installed a view.</summary>
    public void Installed(SimNode node, ViewCore core, View view)
    {
        History.Installed(node, core, view);
        Evictions.Installed(core);
        Reforms.Installed(view);
        Departures.Installed(view);
    }

    /// <summary>A node ended a life.</summary>
    public void LifeEnded(SimNode node, LifeEndedOutput ended)
    {
        Evictions.LifeEnded(node, ended);
        Departures.LifeEnded(node, ended);
    }

    /// <summary>A node founded a cluster.</summary>
    public void Founded(SimNode node, FoundedOutput founded) => Reforms.Founded(node, founded);
}
