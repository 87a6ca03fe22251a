using System.Diagnostics;

namespace Kameo.Actors.Benchmarks.Cluster;

/// <summary>Measures one cluster of processes on this machine: how soon it stands, how soon the dead are out, whether load kills the living, what it costs to do nothing.</summary>
/// <param name="nodes">How many nodes.</param>
/// <param name="rounds">How often each is measured.</param>
/// <param name="load">How long all nodes are overloaded.</param>
/// <param name="report">Is told of progress.</param>
internal sealed class ClusterRun(int nodes, int rounds, TimeSpan load, Action<string> report) : IAsyncDisposable
{
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);

    private readonly List<MemberProcess> _members = [];

    /// <summary>Does all of it.</summary>
    public async Task<IReadOnlyList<Sample>> RunAsync(CancellationToken cancellation)
    {
        var samples = new List<Sample>();
        samples.AddRange(await StartsAsync(cancellation));
        samples.Add(await IdleAsync(cancellation));
        samples.Add(await NamesAsync("normal", 300, cancellation));
        samples.Add(await NamesAsync("immediate", 20, cancellation));
        samples.Add(await EvictionsAsync("a killed node is out of every view", static victim => victim.Kill(), 1_500, cancellation));
        samples.Add(await EvictionsAsync("a stopped node is out of every view", static victim => victim.Pause(), 3_000, cancellation));
        samples.Add(await LoadAsync(cancellation));
        return samples;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (MemberProcess member in _members)
        {
            await member.DisposeAsync();
        }

        _members.Clear();
    }

    private static double Now => Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency;

    private async Task<IReadOnlyList<Sample>> StartsAsync(CancellationToken cancellation)
    {
        var views = new List<double>();
        for (int round = 0; round < rounds; round++)
        {
            report($"start {round + 1} of {rounds}");
            await DisposeAsync();
            await FillAsync(cancellation);
            double ready = _members.Max(static member => member.ReadyAt);
            MemberEvent[] first = await Task.WhenAll(_members.Select(member => member.WaitAsync(one => one.Name == "view" && one.Members.Count == nodes && one.Up == nodes, 0, cancellation)));
            views.Add(first.Max(static one => one.At) - ready);
            await StandsAsync(cancellation);
        }

        return [new Sample($"one view of {nodes} since the last of them listens", "ms", views, 1_000)];
    }

    private async Task<Sample> IdleAsync(CancellationToken cancellation)
    {
        report("idle");
        double before = await ControlBytesAsync(cancellation);
        long start = Stopwatch.GetTimestamp();
        using (var timer = new PeriodicTimer(s_idle))
        {
            await timer.WaitForNextTickAsync(cancellation);
        }

        double after = await ControlBytesAsync(cancellation);
        return new Sample("control bytes sent by a node in a second, idle", "B/s", [(after - before) / nodes / Stopwatch.GetElapsedTime(start).TotalSeconds]);
    }

    private async Task<double> ControlBytesAsync(CancellationToken cancellation)
    {
        double sum = 0;
        foreach (MemberProcess member in _members)
        {
            sum += (await member.AskAsync("status", "status", cancellation)).Body.GetProperty("controlBytesSent").GetInt64();
        }

        return sum;
    }

    /// <summary>A name is registered on one node; when each of the others can look it up.</summary>
    private async Task<Sample> NamesAsync(string priority, double goal, CancellationToken cancellation)
    {
        report($"names, {priority}");
        var seen = new List<double>();
        for (int round = 0; round < 5 * rounds; round++)
        {
            string name = $"{priority}-{round}";
            MemberProcess owner = _members[round % nodes];
            MemberProcess[] others = [.. _members.Where(member => member != owner)];
            Task<MemberEvent>[] waits = [.. others.Select(member => member.AskAsync($"await {name}", "name-seen", cancellation))];
            MemberEvent done = await owner.AskAsync($"register {name} {priority}", "registered", cancellation);
            seen.AddRange((await Task.WhenAll(waits)).Select(one => one.At - done.At));
            await owner.AskAsync($"unregister {name}", "done", cancellation);
        }

        return new Sample($"a name ({priority}) is known on another node", "ms", seen, goal);
    }

    private async Task<Sample> EvictionsAsync(string what, Action<MemberProcess> end, double goal, CancellationToken cancellation)
    {
        var times = new List<double>();
        for (int round = 0; round < rounds; round++)
        {
            report($"{what}: {round + 1} of {rounds}");
            MemberProcess victim = _members[round % nodes];
            _members.Remove(victim);
            int[] from = [.. _members.Select(static member => member.EventCount)];
            double at = (await _members[0].AskAsync("now", "now", cancellation)).At;
            end(victim);
            MemberEvent[] gone = await Task.WhenAll(_members.Select((member, index) => member.WaitAsync(one => one.Name == "view" && !one.Members.Contains(victim.Id), from[index], cancellation)));
            times.AddRange(gone.Select(one => one.At - at));
            await victim.DisposeAsync();
            await FillAsync(cancellation);
            await StandsAsync(cancellation);
        }

        return new Sample(what, "ms", times, goal);
    }

    /// <summary>Every core busy in every process, every thread pool full: whoever is evicted now was alive.</summary>
    private async Task<Sample> LoadAsync(CancellationToken cancellation)
    {
        report($"all nodes overloaded for {load.TotalSeconds:0} s");
        int[] before = [.. _members.Select(Ended)];
        foreach (MemberProcess member in _members)
        {
            await member.AskAsync("burn", "done", cancellation);
        }

        using (var timer = new PeriodicTimer(load))
        {
            await timer.WaitForNextTickAsync(cancellation);
        }

        foreach (MemberProcess member in _members)
        {
            member.Send("burn stop");
        }

        await StandsAsync(cancellation);
        return new Sample($"evictions of the living in {load.TotalSeconds:0} s of full load", "", [.. _members.Select((member, index) => (double)(Ended(member) - before[index]))], 0);

        static int Ended(MemberProcess member) => member.Count(static one => one.Name == "life-ended");
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        if (_members.Count == 0)
        {
            _members.Add(await MemberProcess.StartAsync(cancellation));
        }

        string[] seeds = [.. _members.SelectMany(static member => (string[])["--seed", member.Address])];
        _members.AddRange(await Task.WhenAll(Enumerable.Range(0, nodes - _members.Count).Select(_ => MemberProcess.StartAsync(cancellation, seeds))));
    }

    /// <summary>Waits until all have one view of all, with all the stewards it is to have.</summary>
    private async Task StandsAsync(CancellationToken cancellation)
    {
        int stewards = Math.Min(7, nodes - 1 + (nodes % 2));
        double start = Now;
        while (!_members.TrueForAll(member => member.View is { } view && view.Up == nodes && view.Members.Count == nodes && view.Stewards == stewards))
        {
            if (Now - start > 60_000)
            {
                throw new TimeoutException("The cluster did not come to one view within a minute.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellation);
        }
    }
}
