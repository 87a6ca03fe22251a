using System.Runtime.InteropServices;
using Kameo.Actors.EndToEnd.Node.Counting;

namespace Kameo.Actors.EndToEnd.Tests.Chaos;

/// <summary>The witness sees what it is there for.</summary>
public sealed class WitnessTests
{
    private const int First = 11;
    private const int Second = 12;

    private readonly List<WitnessReport> _reports = [];
    private readonly List<Stop> _stops = [];

    [Fact]
    public void A_right_run_has_no_findings()
    {
        Ask(1);
        Turn(1, First, fence: 5);
        End(1);
        Ask(2);
        Turn(2, Second, fence: 6);
        End(2);
        Expect();
    }

    [Fact]
    public void Two_nodes_with_one_fence_are_found()
    {
        Ask(1);
        Turn(1, First, fence: 5);
        End(1);
        Ask(2);
        Turn(2, Second, fence: 5);
        End(2);
        Expect("in processes 11 and 12 under one fence");
    }

    [Fact]
    public void A_lower_fence_is_refused_and_must_be_of_a_stretch_that_a_stop_caught()
    {
        Ask(1);
        Stretch(1, 0, First, fence: 5, at: 1000);
        Ask(2);
        Turn(2, Second, fence: 6);
        End(2);
        Stretch(1, 1, First, fence: 5, at: 1000);
        End(1, WitnessOutcome.MayHaveRun);
        Expect("no stop explains it");
        _stops.Add(new Stop(First, 1001, 9000));
        Expect();
        Stretch(1, 2, First, fence: 5, at: 9001);
        Expect("second of one stop and actor");
    }

    [Fact]
    public void An_activation_that_goes_on_after_the_next_one_began_is_found()
    {
        Ask(1);
        Stretch(1, 0, First, fence: 5);
        Ask(2);
        Turn(2, First, fence: 5, activation: 77);
        End(2);
        Stretch(1, 1, First, fence: 5);
        Stretch(1, 2, First, fence: 5);
        End(1);
        Expect("goes on after another one has begun", "in the middle of");
    }

    [Fact]
    public void A_call_that_runs_twice_or_after_it_was_said_not_to_or_never_ends_or_ends_twice_is_found()
    {
        Ask(1);
        Turn(1, First, fence: 5);
        Turn(1, First, fence: 5);
        End(1);
        End(1);
        Ask(2);
        Turn(2, First, fence: 5);
        End(2, WitnessOutcome.NotRun);
        Ask(3);
        Ask(4);
        End(4);
        Expect("ask 1 of client 0 to actor 7 ran twice", "ask 1 of client 0 to actor 7 completed twice", "ask 2 of client 0 to actor 7 ran, though", "ask 3 of client 0 to actor 7 did not complete", "ask 4 of client 0 to actor 7 did not run to its end");
    }

    [Fact]
    public void Turns_in_one_another_and_answered_calls_out_of_order_are_found()
    {
        Ask(1);
        Ask(2);
        Stretch(2, 0, First, fence: 5);
        Turn(1, First, fence: 5);
        Stretch(2, 1, First, fence: 5);
        Stretch(2, 2, First, fence: 5);
        End(2);
        End(1);
        Expect("in the middle of ask 2", "in the middle of ", "ask 2 of client 0 to actor 7 ran before ask 1");
    }

    [Fact]
    public void An_ask_that_times_out_long_after_a_later_one_was_answered_is_found()
    {
        Ask(1);
        Ask(2);
        Turn(2, First, fence: 5);
        End(2, at: 1000);
        _reports.Add(new WitnessReport { Kind = WitnessKind.Completed, Actor = 7, Sequence = 1, Outcome = WitnessOutcome.NotRun, Name = "AskTimeout", At = 9000 });
        Expect("timed out 8000 ms after a later one");
    }

    private void Ask(int sequence) => _reports.Add(new WitnessReport { Kind = WitnessKind.Asked, Actor = 7, Sequence = sequence });

    private void End(int sequence, WitnessOutcome outcome = WitnessOutcome.Reply, double at = 0) =>
        _reports.Add(new WitnessReport { Kind = WitnessKind.Completed, Actor = 7, Sequence = sequence, Outcome = outcome, At = at });

    private void Turn(int sequence, int process, long fence, long activation = 0)
    {
        for (byte stretch = 0; stretch < 3; stretch++)
        {
            Stretch(sequence, stretch, process, fence, activation: activation);
        }
    }

    private void Stretch(int sequence, byte stretch, int process, long fence, double at = 0, long activation = 0) => _reports.Add(new WitnessReport
    {
        Kind = WitnessKind.Stretch,
        Stretch = stretch,
        Actor = 7,
        Sequence = sequence,
        Process = process,
        Fence = fence,
        Activation = activation == 0 ? process : activation,
        At = at,
    });

    /// <summary>Each finding has one of the texts, and each text is found.</summary>
    private void Expect(params string[] findings)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, MemoryMarshal.AsBytes<WitnessReport>(_reports.ToArray()).ToArray());
            IReadOnlyList<string> violations = Witness.Read(path, _stops).Violations;
            Assert.All(violations, violation => Assert.Contains(findings, finding => violation.Contains(finding, StringComparison.Ordinal)));
            Assert.All(findings, finding => Assert.Contains(violations, violation => violation.Contains(finding, StringComparison.Ordinal)));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
