using System.Runtime.InteropServices;
using Kameo.Actors.EndToEnd.Node.Counting;

namespace Kameo.Actors.EndToEnd.Tests.Chaos;

/// <summary>While a process was stopped, and which.</summary>
internal sealed record Stop(int Process, double From, double Until);

/// <summary>
/// Somebody outside of the cluster to whom every stretch of every turn is reported with its fence, as to a store that keeps the highest fence of each actor and refuses what has a lower one; and every ask, and its end. The reports
/// lie in one file in the order in which they were made, by whatever process: what a store would have seen is read from it afterwards.
/// </summary>
internal sealed class Witness
{
    /// <summary>How long after it was continued a stopped process may take to end a stretch that it had begun, on a machine that others use.</summary>
    private const double LateMilliseconds = 2000;

    /// <summary>How long an ask may wait when a later one was answered.</summary>
    private const double ForgottenMilliseconds = 2000;

    /// <summary>The name of the end of an ask that was answered.</summary>
    public const string Replies = "replies";

    private readonly Dictionary<int, ActorHistory> _actors = [];
    private readonly Dictionary<Call, CallHistory> _calls = [];
    private readonly List<string> _violations = [];
    private readonly List<WitnessReport> _refused = [];
    private readonly List<(double At, string What)> _ends = [];
    private long _stretches;
    private int _line;

    private readonly record struct Call(int Client, int Actor, int Sequence)
    {
        public override string ToString() => $"ask {Sequence} of client {Client} to actor {Actor}";
    }

    /// <summary>What is wrong, a sentence each.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>The reports with a lower fence than one before.</summary>
    public IReadOnlyList<WitnessReport> Refused => _refused;

    /// <summary>The end of each ask: when, and its name.</summary>
    public IReadOnlyList<(double At, string What)> Ends => _ends;

    /// <summary>How many stretches were reported.</summary>
    public long Stretches => _stretches;

    /// <summary>How many asks were made.</summary>
    public int Asks => _calls.Count;

    /// <summary>How many activations reported something.</summary>
    public int Activations => _actors.Values.Sum(static actor => actor.Activations.Count);

    /// <summary>How many times an actor was activated in another process than before.</summary>
    public int Moves => _actors.Values.Sum(static actor => actor.Moves);

    /// <summary>Reads all reports of a run that is over.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stops">The stops of processes.</param>
    public static Witness Read(string path, IReadOnlyList<Stop> stops)
    {
        var witness = new Witness();
        Assert.Equal(WitnessReport.Bytes, Marshal.SizeOf<WitnessReport>());
        using FileStream file = File.OpenRead(path);
        Assert.Equal(0, file.Length % WitnessReport.Bytes);
        byte[] bytes = new byte[WitnessReport.Bytes * 1024];
        int read;
        while ((read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)) > 0)
        {
            foreach (WitnessReport report in MemoryMarshal.Cast<byte, WitnessReport>(bytes.AsSpan(0, read)))
            {
                witness.Take(report);
            }
        }

        witness.CheckCalls();
        witness.CheckRefused(stops);
        return witness;
    }

    private void Take(WitnessReport report)
    {
        _line++;
        var call = new Call(report.Client, report.Actor, report.Sequence);
        ref CallHistory? history = ref CollectionsMarshal.GetValueRefOrAddDefault(_calls, call, out _);
        history ??= new CallHistory();
        switch (report.Kind)
        {
            case WitnessKind.Asked:
                Check(!history.IsAsked, $"{call} was made twice");
                history.IsAsked = true;
                break;
            case WitnessKind.Completed:
                Check(history.IsAsked && history.Outcome is null, $"{call} completed twice, or before it was made");
                Check(report.Outcome != WitnessOutcome.Wrong, $"{call} completed with {report.Name}");
                history.Outcome = report.Outcome;
                history.EndedAt = report.At;
                history.IsTimedOut = report.Name == "AskTimeout";
                _ends.Add((report.At, report.Outcome == WitnessOutcome.Reply ? Replies : $"{report.Name} ({report.Outcome})"));
                break;
            case WitnessKind.Stretch:
                TakeStretch(report, call, history);
                break;
            default:
                Check(false, $"a report of kind {report.Kind}");
                break;
        }
    }

    private void TakeStretch(in WitnessReport report, Call call, CallHistory history)
    {
        _stretches++;
        Check(history.IsAsked, $"{call} ran before it was made");
        if (report.Stretch == 0)
        {
            Check(history.BeganAt == 0, $"{call} ran twice");
            history.BeganAt = _line;
        }

        history.HasEnded |= report.Stretch == 2;
        ref ActorHistory? actor = ref CollectionsMarshal.GetValueRefOrAddDefault(_actors, report.Actor, out _);
        actor ??= new ActorHistory();
        if (report.Fence < actor.Fence)
        {
            _refused.Add(report);
            return;
        }

        if (report.Activation != actor.Activation)
        {
            Check(report.Fence > actor.Fence || report.Process == actor.Process, $"actor {report.Actor} runs in processes {actor.Process} and {report.Process} under one fence, {report.Fence}");
            Check(actor.Activations.Add(report.Activation), $"an activation of actor {report.Actor} in process {report.Process} goes on after another one has begun");
            actor.Moves += actor.Process != 0 && actor.Process != report.Process ? 1 : 0;
            actor.Turn = default;
        }

        // One turn at a time: it begins when none is open, and its later stretches are its own.
        Check(report.Stretch == 0 ? actor.Turn == default : actor.Turn == call, $"{call}, stretch {report.Stretch}, in the middle of {actor.Turn}");
        (actor.Fence, actor.Activation, actor.Process) = (report.Fence, report.Activation, report.Process);
        actor.Turn = report.Stretch == 2 ? default : call;
    }

    /// <summary>Each ask has completed, and as its outcome says; those of one client to one actor that were answered ran in the order in which they were made.</summary>
    private void CheckCalls()
    {
        foreach ((Call call, CallHistory history) in _calls)
        {
            Check(history.Outcome is not null, $"{call} did not complete");
            Check(history.Outcome != WitnessOutcome.NotRun || history.BeganAt == 0, $"{call} ran, though its outcome says that it did not");
            Check(history.Outcome is not (WitnessOutcome.Reply or WitnessOutcome.Ran) || history.HasEnded, $"{call} did not run to its end, though its outcome is {history.Outcome}");
        }

        foreach (IGrouping<(int Client, int Actor), KeyValuePair<Call, CallHistory>> line in _calls.Where(static one => one.Value is { Outcome: WitnessOutcome.Reply, BeganAt: > 0 }).GroupBy(static one => (one.Key.Client, one.Key.Actor)))
        {
            (int Line, Call Call) last = default;
            foreach ((Call call, CallHistory history) in line.OrderBy(static one => one.Key.Sequence))
            {
                Check(history.BeganAt > last.Line, $"{call} ran before {last.Call}, and both were answered");
                last = (history.BeganAt, call);
            }
        }

        CheckTimeouts();
    }

    /// <summary>No ask is forgotten somewhere: one does not wait for its time to pass long after later ones of its client were answered by the same actor.</summary>
    private void CheckTimeouts()
    {
        foreach (IGrouping<(int Client, int Actor), KeyValuePair<Call, CallHistory>> line in _calls.GroupBy(static one => (one.Key.Client, one.Key.Actor)))
        {
            double answeredAt = double.MaxValue;
            foreach ((Call call, CallHistory history) in line.OrderByDescending(static one => one.Key.Sequence))
            {
                Check(!history.IsTimedOut || history.EndedAt - ForgottenMilliseconds < answeredAt, $"{call} timed out {history.EndedAt - answeredAt:0} ms after a later one was answered");
                answeredAt = history.Outcome == WitnessOutcome.Reply ? Math.Min(answeredAt, history.EndedAt) : answeredAt;
            }
        }
    }

    /// <summary>What was refused was in a stretch when its process was stopped, one report for each such stretch.</summary>
    private void CheckRefused(IReadOnlyList<Stop> stops)
    {
        var explained = new HashSet<(Stop, int)>();
        foreach (WitnessReport report in _refused)
        {
            Stop? stop = stops.FirstOrDefault(stop => stop.Process == report.Process && stop.From - LateMilliseconds < report.At && report.At < stop.Until + LateMilliseconds);
            Check(stop is not null, $"{Describe(report)} was refused, and no stop explains it");
            Check(stop is null || explained.Add((stop, report.Actor)), $"{Describe(report)} was refused, as the second of one stop and actor");
        }
    }

    /// <summary>A report of a stretch in words.</summary>
    public static string Describe(in WitnessReport report) =>
        $"stretch {report.Stretch} of ask {report.Sequence} of client {report.Client} to actor {report.Actor} in process {report.Process}, fence {report.Fence}";

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            _violations.Add($"report {_line}: {otherwise}");
        }
    }

    private sealed class CallHistory
    {
        public bool IsAsked { get; set; }

        /// <summary>In which line its first stretch stands; 0 for none.</summary>
        public int BeganAt { get; set; }

        public bool HasEnded { get; set; }

        public WitnessOutcome? Outcome { get; set; }

        public double EndedAt { get; set; }

        public bool IsTimedOut { get; set; }
    }

    private sealed class ActorHistory
    {
        public long Fence { get; set; }

        public long Activation { get; set; }

        public int Process { get; set; }

        public int Moves { get; set; }

        public Call Turn { get; set; }

        public HashSet<long> Activations { get; } = [];
    }
}
