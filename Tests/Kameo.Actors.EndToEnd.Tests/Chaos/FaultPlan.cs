using Kameo.Actors.EndToEnd.Tests.Cluster;

namespace Kameo.Actors.EndToEnd.Tests.Chaos;

/// <summary>Which faults, when, and to whom: seeded, so that a seed names a plan; what comes of it depends on the machine.</summary>
internal sealed class FaultPlan(ChaosCluster cluster, Faults faults, int seed)
{
    /// <summary>Places with a fault that takes a node away for a while, at a time: one more than a minority of three.</summary>
    private const int FaultsAtATime = 2;

    private readonly Random _random = new(seed);
    private readonly List<Task> _begun = [];

    /// <summary>One each of a kill, a stop, a join and a leave, one after the other.</summary>
    /// <param name="allAnswered">Completes when what was asked before the leave has ended: some of it may time out at the very moment at which all is in order again.</param>
    /// <returns>When the node was told to leave, with everything else in order.</returns>
    public async Task<double> RunFewAsync(Func<Task> allAnswered)
    {
        ChaosPlace[] order = [.. cluster.Places.Take(ChaosCluster.Founders).OrderBy(_ => _random.Next())];
        await faults.KillAsync(order[0], Seconds(0.5, 2));
        await faults.JoinAsync(cluster.Places.First(static place => place.Node is null));
        await ProcessCluster.ElapseAsync(Seconds(1, 1.5));
        await faults.StopAsync(order[1], Seconds(2, 4));
        await ProcessCluster.ElapseAsync(Seconds(0.5, 1));
        await cluster.SettledAsync();
        await allAnswered();
        double leftAt = SharedClock.Now;
        await faults.LeaveAsync(order[2]);
        return leftAt;
    }

    /// <summary>Faults at random for a while, some at the same time; returns when each has ended.</summary>
    public async Task RunRandomAsync(TimeSpan length)
    {
        double until = SharedClock.Now + length.TotalMilliseconds;
        while (SharedClock.Now < until)
        {
            await ProcessCluster.ElapseAsync(Seconds(0.3, 2.5));
            await BeginOneAsync();
        }

        await Task.WhenAll(_begun);
    }

    private async Task BeginOneAsync()
    {
        ChaosPlace[] idle = [.. cluster.Places.Where(static place => !place.IsBusy)];
        if (idle.Length == 0)
        {
            return;
        }

        ChaosPlace place = idle[_random.Next(idle.Length)];
        int inOrder = cluster.Places.Count(static one => one is { IsBusy: false, Node: not null });
        int faulty = cluster.Places.Count(static one => one.IsBusy);
        int dice = _random.Next(10);
        Task? fault = (place.Node, dice) switch
        {
            (null, _) => faults.JoinAsync(place),
            (_, 0) when inOrder > ChaosCluster.Founders => faults.LeaveAsync(place),
            _ when faulty >= FaultsAtATime => null,
            (_, < 4) => faults.KillAsync(place, Seconds(0.1, 3)),
            (_, < 8) => faults.StopAsync(place, _random.Next(4) == 0 ? Seconds(8, 12) : Seconds(1, 8)),
            _ => faults.CutAsync(place, Seconds(1, 8), inOneDirection: _random.Next(3) == 0),
        };
        if (fault is not null)
        {
            place.IsBusy = true;
            _begun.Add(FreeAfterAsync(place, fault));
        }

        _begun.RemoveAll(static begun => begun.IsCompletedSuccessfully);
        foreach (Task failed in _begun.Where(static begun => begun.IsFaulted).ToArray())
        {
            await failed;
        }
    }

    private static async Task FreeAfterAsync(ChaosPlace place, Task fault)
    {
        await fault;
        place.IsBusy = false;
    }

    private TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(from + (_random.NextDouble() * (to - from)));
}
