using System.Globalization;
using Kameo.Actors.Simulation.Checkers;

namespace Kameo.Actors.Simulation;

/// <summary>Makes a failing run smaller while it still breaks the same promise: fewer faults, then fewer nodes, then fewer faults again.</summary>
internal static class Shrinker
{
    /// <summary>Shrinks.</summary>
    /// <param name="scenario">A failing scenario.</param>
    /// <param name="failure">What broke in it.</param>
    /// <param name="run">Runs one.</param>
    /// <returns>The smallest found, and what breaks in it.</returns>
    public static (Scenario Scenario, Exception Failure) Shrink(Scenario scenario, Exception failure, Func<Scenario, Exception?> run)
    {
        (Scenario Scenario, Exception Failure) best = (scenario, failure);
        bool shrunk = true;
        while (shrunk)
        {
            shrunk = false;
            foreach (Scenario smaller in Smaller(best.Scenario))
            {
                if (run(smaller) is { } still && IsSame(still, best.Failure))
                {
                    best = (smaller, still);
                    shrunk = true;
                    break;
                }
            }
        }

        return best;
    }

    /// <summary>The arguments that replay a shrunk scenario of a seed.</summary>
    public static string Arguments(Scenario scenario, Scenario original)
    {
        string nodes = scenario.Nodes == original.Nodes ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" --nodes {scenario.Nodes}");
        string keep = scenario.Faults.Count == original.Faults.Count ? string.Empty : $" --keep {(scenario.Faults.Count == 0 ? "none" : string.Join(',', scenario.Faults.Select(static fault => fault.Number)))}";
        return nodes + keep;
    }

    private static IEnumerable<Scenario> Smaller(Scenario scenario)
    {
        if (scenario.Faults.Count > 3)
        {
            // Halves first: most runs fail by two or three faults.
            int half = scenario.Faults.Count / 2;
            yield return scenario with { Faults = [.. scenario.Faults.Take(half)] };
            yield return scenario with { Faults = [.. scenario.Faults.Skip(half)] };
        }

        for (int i = 0; i < scenario.Faults.Count; i++)
        {
            yield return scenario with { Faults = [.. scenario.Faults.Where((_, at) => at != i)] };
        }

        if (scenario.Nodes > 2)
        {
            yield return scenario.WithNodes(scenario.Nodes - 1);
        }
    }

    private static bool IsSame(Exception left, Exception right) => left is ViolationException one && right is ViolationException other ? one.Promise == other.Promise : left.GetType() == right.GetType();
}
