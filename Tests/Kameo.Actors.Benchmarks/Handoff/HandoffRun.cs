using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Kameo.Actors.Benchmarks.Cluster;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Handoff;

/// <summary>What a run is to do.</summary>
/// <param name="Actors">How many actors.</param>
/// <param name="Callers">How many asks are under way.</param>
/// <param name="Rest">How long each steady state is measured.</param>
/// <param name="Seed">What the callers' choices follow from.</param>
internal sealed record HandoffPlan(int Actors, int Callers, TimeSpan Rest, int Seed);

/// <summary>Two members with actors under load; a third joins; one is killed. This process is the client.</summary>
/// <param name="plan">What to do.</param>
/// <param name="report">Is told of progress.</param>
internal sealed class HandoffRun(HandoffPlan plan, Action<string> report) : IAsyncDisposable
{
    /// <summary>Actors of the killed member that must answer again, and how many are asked at a time.</summary>
    private const int Sampled = 10_000;
    private const int Probers = 1_000;

    private const double AgainMillisecondsMax = 6_500;

    private static readonly TimeSpan s_activationMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_phaseMax = TimeSpan.FromMinutes(2);
    private static readonly SleepClock s_clock = new(TimeProvider.System);

    private readonly string _secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly List<MemberProcess> _members = [];
    private readonly List<HandoffFinding> _numbers = [];
    private readonly List<HandoffFootprint> _footprints = [];
    private readonly Dictionary<LoadPhase, double> _seconds = [];

    private static double Now => s_clock.Now.TotalMilliseconds;

    /// <summary>Does all of it.</summary>
    public async Task<HandoffFindings> RunAsync(CancellationToken cancellation)
    {
        report("two members");
        await StartMemberAsync(cancellation);
        await StartMemberAsync(cancellation);
        await SettledAsync(await AdmittedAsync(2, cancellation), cancellation);
        await using ActorNode client = await ActorNode.StartAsync(HandoffMember.Options(_secret, _members.Select(static member => member.Address), isClient: true), cancellation);
        var load = new AskLoad(client, plan.Actors, plan.Callers, plan.Seed);
        await ActivateAsync(load, cancellation);
        await JoinAsync(load, cancellation);
        await KillAsync(load, cancellation);
        _numbers.Add(new HandoffFinding("answers of another activation, turn or fence than can be", "", load.Violations, 0, IsBroken: true));
        return new HandoffFindings(_numbers, [.. _seconds.Keys.Select(phase => Summarise(load, phase))], _footprints, load.ToldViolations);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (MemberProcess member in _members)
        {
            await member.DisposeAsync();
        }

        _members.Clear();
    }

    private async Task ActivateAsync(AskLoad load, CancellationToken cancellation)
    {
        report("activation");
        using CancellationTokenSource bounded = Bounded(s_activationMax, cancellation);
        await MeasureAsync(load, LoadPhase.Activation, () => load.ActivateAsync(bounded.Token));
        await LookAsync("activated", cancellation);
    }

    private async Task JoinAsync(AskLoad load, CancellationToken cancellation)
    {
        using CancellationTokenSource bounded = Bounded(s_phaseMax + (2 * plan.Rest), cancellation);
        load.Start();
        report("before");
        await MeasureAsync(load, LoadPhase.Before, () => Task.Delay(plan.Rest, bounded.Token));
        (long admittedEpoch, double admittedAt) = (0, 0);
        await MeasureAsync(load, LoadPhase.Joining, async () =>
        {
            report("a third member");
            Task starting = StartMemberAsync(bounded.Token);
            (admittedEpoch, admittedAt) = await AdmittedAsync(3, bounded.Token);
            load.Phase = LoadPhase.Handoff; // At once: the rest of this may take a moment.
            await starting;
        });
        double acquiredAt = 0;
        double settledAt = 0;
        await MeasureAsync(load, LoadPhase.Handoff, async () =>
        {
            MemberEvent acquired = await _members[^1].WaitAsync(one => one.Name == "slots" && EpochOf(one) >= admittedEpoch && AwaitedOf(one) == 0, 0, bounded.Token);
            acquiredAt = acquired.At;
            settledAt = await SettledAsync((admittedEpoch, admittedAt), bounded.Token);
        });
        report("after");
        await MeasureAsync(load, LoadPhase.After, () => Task.Delay(plan.Rest, bounded.Token));
        await load.StopAsync(bounded.Token);
        HandoffFootprint[] before = [.. _footprints];
        HandoffFootprint[] after = await LookAsync("third has joined", bounded.Token);
        _numbers.Add(new HandoffFinding("from the third's admission until it owns its slots", "ms", acquiredAt - admittedAt));
        _numbers.Add(new HandoffFinding("from the third's admission until every member reports it settled", "ms", settledAt - admittedAt));
        _numbers.Add(new HandoffFinding("actors that were ended to move", "", before.Sum(static one => one.Activations) - after[..^1].Sum(static one => one.Activations)));
        _numbers.Add(new HandoffFinding("actors of the third that were asked since", "", after[^1].Activations));
        _numbers.Add(new HandoffFinding("asks that failed", "", load.FailedUpTo(LoadPhase.After), 0, IsBroken: true));
        _numbers.Add(new HandoffFinding("asks answered", "", load.Answered));
        _numbers.Add(new HandoffFinding("turns run by all members", "", after.Sum(static one => one.Turns)));
        _numbers.Add(new HandoffFinding("difference of the two", "", Math.Abs(after.Sum(static one => one.Turns) - load.Answered), 0, IsBroken: true));
    }

    private async Task KillAsync(AskLoad load, CancellationToken cancellation)
    {
        using CancellationTokenSource bounded = Bounded(s_phaseMax, cancellation);
        MemberProcess victim = _members[1];
        report("one is killed");
        load.Phase = LoadPhase.Sampling;
        load.Start();
        int[] keys = await load.SampleAsync(victim.ProcessId, Sampled, Probers, bounded.Token);
        long actors = _footprints[^2].Activations;
        _members.Remove(victim);
        int[] from = [.. _members.Select(static member => member.EventCount)];
        await using (victim)
        {
            await MeasureAsync(load, LoadPhase.Kill, async () =>
            {
                double killedAt = Now;
                victim.Kill();
                await load.ProbeAsync(keys, Probers, bounded.Token);
                double againAt = Now;
                MemberEvent[] gone = await Task.WhenAll(_members.Select((member, index) => member.WaitAsync(static one => one.Name == "slots" && UpOf(one) == 2, from[index], bounded.Token)));
                MemberEvent[] acquired = await Task.WhenAll(_members.Select((member, index) => member.WaitAsync(one => one.Name == "slots" && EpochOf(one) >= EpochOf(gone[index]) && AwaitedOf(one) == 0, from[index], bounded.Token)));
                _numbers.Add(new HandoffFinding("actors that the killed one had", "", actors));
                _numbers.Add(new HandoffFinding("from the kill until it is out of every view", "ms", gone.Max(static one => one.At) - killedAt, 1_000));
                _numbers.Add(new HandoffFinding("from the kill until its slots are owned by others", "ms", acquired.Max(static one => one.At) - killedAt));
                _numbers.Add(new HandoffFinding(string.Create(CultureInfo.InvariantCulture, $"from the kill until {keys.Length:#,0} of its actors have answered again"), "ms", againAt - killedAt, AgainMillisecondsMax));
                await load.StopAsync(bounded.Token);
            });
        }

        await LookAsync("one was killed", bounded.Token);
    }

    private async Task StartMemberAsync(CancellationToken cancellation)
    {
        ProcessStartInfo start = ManagedStack.ThisProgram(
            [HandoffMember.Name, "--secret", _secret, .. _members.SelectMany(static member => (string[])["--seed", member.Address])]);
        start.Environment["DOTNET_gcConcurrent"] = "1"; // As a program has it that says nothing: this one's setting is for the rounds of other benchmarks.
        _members.Add(await MemberProcess.StartAsync(start, cancellation));
    }

    /// <summary>Waits until a member of before has a view with so many that are up.</summary>
    /// <returns>Its epoch, and when the first of them had it.</returns>
    private async Task<(long Epoch, double At)> AdmittedAsync(int up, CancellationToken cancellation)
    {
        MemberEvent[] admitted = await Task.WhenAll(_members.ToArray().Select(member => member.WaitAsync(one => one.Name == "slots" && UpOf(one) == up, 0, cancellation)));
        MemberEvent first = admitted.MinBy(static one => one.At)!;
        return (EpochOf(first), first.At);
    }

    /// <summary>Waits until every member reports an epoch settled.</summary>
    /// <returns>When the last one did.</returns>
    private async Task<double> SettledAsync((long Epoch, double At) admitted, CancellationToken cancellation) =>
        (await Task.WhenAll(_members.Select(member => member.WaitAsync(one => one.Name == "settled" && EpochOf(one) >= admitted.Epoch, 0, cancellation)))).Max(static one => one.At);

    private static int UpOf(MemberEvent slots) => slots.Body.GetProperty("up").GetInt32();

    private static int AwaitedOf(MemberEvent slots) => slots.Body.GetProperty("awaited").GetInt32();

    private static long EpochOf(MemberEvent told) => told.Body.GetProperty("epoch").GetInt64();

    private async Task MeasureAsync(AskLoad load, LoadPhase phase, Func<Task> doing)
    {
        load.Phase = phase;
        double start = Now;
        await doing();
        _seconds[phase] = (Now - start) / 1000;
    }

    private async Task<HandoffFootprint[]> LookAsync(string when, CancellationToken cancellation)
    {
        MemberEvent[] reports = await Task.WhenAll(_members.Select(member => member.AskAsync("report", "report", cancellation)));
        HandoffFootprint[] looks = [.. reports.Select((one, index) => new HandoffFootprint(
            when,
            _members[index].ProcessId.ToString(CultureInfo.InvariantCulture),
            one.Body.GetProperty("activations").GetInt64(),
            one.Body.GetProperty("turns").GetInt64(),
            one.Body.GetProperty("workingSet").GetInt64(),
            one.Body.GetProperty("heap").GetInt64(),
            one.Body.GetProperty("processorMilliseconds").GetDouble() / 1000,
            one.Body.GetProperty("pauseMilliseconds").GetDouble(),
            one.Body.GetProperty("fullCollections").GetInt32()))];
        _footprints.AddRange(looks);
        return looks;
    }

    private HandoffPhase Summarise(AskLoad load, LoadPhase phase)
    {
        AskLatencies latencies = load.LatenciesOf(phase);
        return new HandoffPhase(phase.ToString(), load.AnsweredIn(phase), _seconds[phase], latencies.Percentile(0.50), latencies.Percentile(0.99), latencies.Most, load.FailuresOf(phase));
    }

    private static CancellationTokenSource Bounded(TimeSpan most, CancellationToken cancellation)
    {
        var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(most);
        return bounded;
    }
}
