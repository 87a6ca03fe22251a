using Kameo.Actors.Simulation.Actors;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>A message runs at most once; an ask completes exactly once, with a right outcome: not run is never said of one that ran, or runs later, and a reply only of one that ran.</summary>
internal sealed class AskChecker(World world)
{
    private const string Promise = "an ask completes exactly once with a right outcome";

    /// <summary>How many asks were answered by the actor.</summary>
    public long Answered { get; private set; }

    /// <summary>How many were said not to have run.</summary>
    public long NotRun { get; private set; }

    /// <summary>How many were said to may have run.</summary>
    public long MayHaveRun { get; private set; }

    /// <summary>How many calls ran.</summary>
    public long Runs { get; private set; }

    /// <summary>A call begins to run.</summary>
    public void Ran(SimCall call)
    {
        Runs++;
        if (++call.Runs > 1)
        {
            throw new ViolationException("at most once", $"{call} runs again");
        }

        if (call.Outcome == AskOutcome.NotRun)
        {
            throw new ViolationException(Promise, $"{call} runs, though its caller was told that it would not");
        }
    }

    /// <summary>A tell was dropped by a node that says that it did not run.</summary>
    public void Dropped(SimCall call) => Completed(call, AskOutcome.NotRun);

    /// <summary>A caller is told.</summary>
    public void Completed(SimCall call, AskOutcome outcome)
    {
        if (call.IsAsk && !call.Caller.Waiting.Remove(call))
        {
            // It was told before, by the deadline, or is no more.
            return;
        }

        world.Trace.Write(world.Now, $"{call} ends: {outcome}");
        call.Outcome = outcome;
        if (outcome == AskOutcome.NotRun && call.Runs > 0)
        {
            throw new ViolationException(Promise, $"{call} is said not to have run, and did");
        }

        if (outcome == AskOutcome.Ran && call.Runs != 1)
        {
            throw new ViolationException(Promise, $"{call} is answered, and ran {call.Runs} times");
        }

        Answered += outcome == AskOutcome.Ran ? 1 : 0;
        NotRun += outcome == AskOutcome.NotRun ? 1 : 0;
        MayHaveRun += outcome == AskOutcome.MayHaveRun ? 1 : 0;
    }

    /// <summary>The deadline of an ask has come.</summary>
    public void Due(SimCall call) => Completed(call, AskOutcome.MayHaveRun);
}
