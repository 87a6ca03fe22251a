namespace Kameo.Actors.Deadlocks;

/// <summary>
/// Where probes go, and when an ask is withdrawn: edge chasing (Chandy, Misra and Haas, "Distributed deadlock detection", 1983, the AND model) with a second round. No clocks, no network, no state: what it decides on is
/// the probe and what the activation of the ask shows at that moment.
/// </summary>
/// <remarks>
/// <para>
/// A turn waits for its awaited asks; an ask for the turn that it runs in or, queued, for each turn that bars it. All are waited for, so any circle lasts until somebody breaks it. A probe starts at each turn that bars asks,
/// and goes on only through barring turns with smaller ids: of the barring turns of a circle, the probe of the largest alone comes back to it, so one circle has one loser: the queued ask by which that probe comes back.
/// </para>
/// <para>
/// *Why a report is true.* An edge of the first round is named by the turn and the number of its ask, which are never used again; so one that is there in the second round too was there all the time between. Every look of the
/// first round comes before every look of the second. Hence there is a moment, between the rounds, at which all edges of the path exist together. The last look of the second round and the withdrawal are one step of the executor
/// in whose mailbox the ask is.
/// </para>
/// <para>
/// *Why a lasting circle is found.* Each turn in it that bars asks starts probes again and again; that of the largest meets only edges that last.
/// </para>
/// </remarks>
internal static class ProbeRules
{
    /// <summary>Most asks of one turn that are followed.</summary>
    public const int AwaitedMax = 64;

    /// <summary>Starts at a turn that bars asks.</summary>
    public static void Start(in TurnSight turn, uint mark, List<Probe> onward)
    {
        foreach (ulong ask in turn.Awaited)
        {
            onward.Add(Probe.From(turn, ask, mark));
        }
    }

    /// <summary>A probe has come to the actor of the ask that it follows.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="turns">The turns that the ask waits for.</param>
    /// <param name="onward">Gets the probes that go on: each follows the ask of its <see cref="Probe.Current"/> step, whose turn is one of <paramref name="turns"/>.</param>
    /// <returns>Whether the ask is to be withdrawn, in the same step.</returns>
    public static bool Follow(Probe probe, IReadOnlyList<TurnSight> turns, List<Probe> onward)
    {
        if (probe.IsConfirming)
        {
            return Confirm(probe, turns, onward);
        }

        foreach (TurnSight turn in turns)
        {
            if (turn.IsBarring && turn.Turn == probe.Initiator)
            {
                if (turn.Awaited.Contains(probe.Path[0].Ask))
                {
                    onward.Add(probe with { Position = 0, IsConfirming = true });
                }
            }
            else if (probe.Path.Length < Probe.PathMax && !probe.HasBeenAt(turn.Turn) && !(turn.IsBarring && turn.Turn.CompareTo(probe.Initiator) > 0))
            {
                foreach (ulong ask in turn.Awaited)
                {
                    onward.Add(probe with { Path = probe.Path.Add(new ProbeStep(turn.Turn, turn.IsBarring, ask, turn.Text)), Position = probe.Position + 1 });
                }
            }
        }

        return false;
    }

    private static bool Confirm(Probe probe, IReadOnlyList<TurnSight> turns, List<Probe> onward)
    {
        int next = probe.Position + 1;
        bool isBack = next == probe.Path.Length;
        ProbeStep expected = probe.Path[isBack ? 0 : next];
        foreach (TurnSight turn in turns)
        {
            if (turn.Turn == expected.Turn && turn.IsBarring == expected.IsBarring && turn.Awaited.Contains(expected.Ask))
            {
                if (isBack)
                {
                    return true;
                }

                onward.Add(probe with { Position = next });
            }
        }

        return false;
    }
}
