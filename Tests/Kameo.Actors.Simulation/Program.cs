using System.CommandLine;
using Kameo.Actors.Simulation;

var seed = new Option<ulong?>("--seed") { Description = "Runs one seed, exactly as ever." };
var seeds = new Option<int>("--seeds") { Description = "How many seeds to explore.", DefaultValueFactory = static _ => 1000 };
var from = new Option<ulong>("--from") { Description = "The first of them.", DefaultValueFactory = static _ => 1ul };
var threads = new Option<int>("--threads") { Description = "How many run at a time.", DefaultValueFactory = static _ => Environment.ProcessorCount };
var trace = new Option<bool>("--trace") { Description = "Prints what happens, of one seed." };
var plant = new Option<string?>("--plant") { Description = "Plants a bug; see --list-plants." };
var listPlants = new Option<bool>("--list-plants") { Description = "Lists the bugs that can be planted." };
var untilFailure = new Option<bool>("--until-failure") { Description = "Stops exploring at the first failing seed." };
var drift = new Option<double>("--drift") { Description = "How far clock rates may be off, in percent. Promises hold up to 10.", DefaultValueFactory = static _ => 10.0 };
var root = new RootCommand("Runs the real cores of many nodes under virtual time, with faults, and checks the promises.") { seed, seeds, from, threads, trace, plant, listPlants, untilFailure, drift };
root.SetAction(result =>
{
    if (result.GetValue(listPlants))
    {
        foreach ((string name, string what, _) in Plants.All)
        {
            Console.WriteLine($"{name,-26} {what}");
        }

        return 0;
    }

    string? planted = result.GetValue(plant);
    if (Plants.Find(planted) is not { } rules)
    {
        Console.Error.WriteLine($"No plant is named '{planted}'; see --list-plants.");
        return 2;
    }

    double driftPercent = result.GetValue(drift);
    string arguments = (planted is null ? string.Empty : $" --plant {planted}") + (driftPercent == 10 ? string.Empty : FormattableString.Invariant($" --drift {driftPercent}"));
    if (result.GetValue(seed) is { } one)
    {
        Scenario scenario = Scenario.Of(one, driftPercent);
        RunResult outcome = Explorer.Run(scenario, rules, result.GetValue(trace) ? Console.Out : null);
        Console.WriteLine(outcome.Failure is { } failure ? $"seed {one} failed: {failure}" : $"seed {one} passed: {outcome.Events} events, well again after {outcome.ConvergedAfter.TotalSeconds:0.0} s");
        return outcome.Failure is null ? 0 : 1;
    }

    int failed = Explorer.Explore(result.GetValue(from), result.GetValue(seeds), result.GetValue(threads), result.GetValue(untilFailure), arguments, value => Explorer.Run(Scenario.Of(value, driftPercent), rules, null));
    return failed == 0 ? 0 : 1;
});
return root.Parse(args).Invoke();
