using System.Collections.Immutable;

namespace Kameo.Actors.Deadlocks;

/// <summary>What goes from turn to turn along the asks that they wait for, to find a circle: the way it came, and where on it it is. Immutable.</summary>
/// <param name="Mark">Which of its initiator's attempts it belongs to.</param>
/// <param name="Path">The turns it came through, the initiator first.</param>
/// <param name="Position">The step whose ask it follows now.</param>
/// <param name="IsConfirming">Whether it has been round once, and goes round again to see every edge a second time.</param>
internal sealed record Probe(uint Mark, ImmutableArray<ProbeStep> Path, int Position, bool IsConfirming)
{
    /// <summary>Most turns in a circle that is found. A design with more actors waiting for each other in a row is bounded by its deadlines.</summary>
    public const int PathMax = 32;

    /// <summary>The turn it started from, and is to come back to.</summary>
    public TurnId Initiator => Path[0].Turn;

    /// <summary>The step whose ask it follows.</summary>
    public ProbeStep Current => Path[Position];

    /// <summary>The way it came, for people.</summary>
    public string Chain => string.Join(" -> ", Path.Select(static step => step.Text).Append(Path[0].Text));

    /// <summary>One that starts at a turn which bars asks, by one of the turn's own.</summary>
    public static Probe From(in TurnSight turn, ulong ask, uint mark) => new(mark, [new ProbeStep(turn.Turn, true, ask, turn.Text)], 0, false);

    /// <summary>Whether it has been at a turn.</summary>
    public bool HasBeenAt(TurnId turn)
    {
        foreach (ProbeStep step in Path)
        {
            if (step.Turn == turn)
            {
                return true;
            }
        }

        return false;
    }
}
