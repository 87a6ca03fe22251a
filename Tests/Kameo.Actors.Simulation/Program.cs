using System.CommandLine;
using Kameo.Actors.Simulation;
using Kameo.Actors.Simulation.Wire;
using Kameo.Actors.Transport.Views;

var seed = new Option<ulong?>("--seed") { Description = "Runs one seed, exactly as ever." };
var seeds = new Option<int>("--seeds") { Description = "How many seeds to explore.", DefaultValueFactory = static _ => 1000 };
var from = new Option<ulong>("--from") { Description = "The first of them.", DefaultValueFactory = static _ => 1ul };
var threads = new Option<int>("--threads") { Description = "How many run at a time.", DefaultValueFactory = static _ => Environment.ProcessorCount };
var trace = new Option<bool>("--trace") { Description = "Prints what happens, of one seed." };
var plant = new Option<string?>("--plant") { Description = "Plants a bug; see --list-plants." };
var listPlants = new Option<bool>("--list-plants") { Description = "Lists the bugs that can be planted." };
var untilFailure = new Option<bool>("--until-failure") { Description = "Stops exploring at the first failing seed." };
var drift = new Option<double>("--drift") { Description = "How far clock rates may be off, in percent. Promises hold up to 10.", DefaultValueFactory = static _ => 10.0 };
var shrink = new Option<bool>("--shrink") { Description = "Looks for fewer faults and nodes that break the same promise, of one seed." };
var keep = new Option<string?>("--keep") { Description = "Only these faults of the seed, by number, or none." };
var nodes = new Option<int?>("--nodes") { Description = "Only so many nodes of the seed." };
var root = new RootCommand("Runs the real cores of many nodes under virtual time, with faults, and checks the promises.")
{
    seed, seeds, from, threads, trace, plant, listPlants, untilFailure, drift, shrink, keep, nodes,
};
var wire = new Command("wire", "Checks the bytes of every message against the golden file.");
var print = new Option<bool>("--print") { Description = "Prints what the golden file should hold." };
wire.Options.Add(print);
wire.SetAction(result =>
{
    List<string> lines = result.GetValue(print) ? [.. WireCheck.Lines()] : WireCheck.Check();
    lines.ForEach(Console.WriteLine);
    return result.GetValue(print) || lines.Count == 0 ? 0 : 1;
});
root.Subcommands.Add(wire);
var scale = new Command("scale", "Many nodes without slots: joining, idle traffic, a crash of some, the silence of one; then a crash with a majority of stewards.");
var sizes = new Option<string>("--sizes") { Description = "How many nodes, one run each.", DefaultValueFactory = static _ => "3,10,30,100,300,1000" };
var crash = new Option<int>("--crash-percent") { Description = "How many of them crash at once.", DefaultValueFactory = static _ => 10 };
var wan = new Option<bool>("--wan") { Description = "With the timing for long distances." };
scale.Options.Add(sizes);
scale.Options.Add(crash);
scale.Options.Add(wan);
scale.Options.Add(from);
scale.SetAction(result => result.GetValue(sizes)!.Split(',').Select(int.Parse).ToArray()
    .All(size => Scale.Run(result.GetValue(from), size, Math.Max(1, size * result.GetValue(crash) / 100), result.GetValue(wan) ? ViewTiming.Wan : ViewTiming.Lan)) ? 0 : 1);
root.Subcommands.Add(scale);
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
        Scenario whole = Scenario.Of(one, driftPercent);
        Scenario scenario = result.GetValue(nodes) is { } count ? whole.WithNodes(count) : whole;
        if (result.GetValue(keep) is { } kept)
        {
            scenario = scenario.Keeping([.. kept.Split(',').Where(static text => int.TryParse(text, out _)).Select(int.Parse)]);
        }

        RunResult outcome = Explorer.Run(scenario, rules, result.GetValue(trace) ? Console.Out : null);
        Console.WriteLine(outcome.Failure is { } failure ? $"seed {one} failed: {failure}" : $"seed {one} passed: {outcome.Events} events, well again after {outcome.ConvergedAfter.TotalSeconds:0.0} s");
        if (outcome.Failure is not null && result.GetValue(shrink))
        {
            (Scenario smallest, Exception what) = Shrinker.Shrink(scenario, outcome.Failure, smaller => Explorer.Run(smaller, rules, null).Failure);
            Console.WriteLine($"{smallest.Nodes} of {whole.Nodes} nodes and {smallest.Faults.Count} of {whole.Faults.Count} faults are enough: {what.Message}");
            foreach (Fault fault in smallest.Faults)
            {
                Console.WriteLine($"  {fault}");
            }

            Console.WriteLine($"  replay: {Explorer.Command} --seed {one}{Shrinker.Arguments(smallest, whole)}{arguments} --trace");
        }

        return outcome.Failure is null ? 0 : 1;
    }

    int failed = Explorer.Explore(result.GetValue(from), result.GetValue(seeds), result.GetValue(threads), result.GetValue(untilFailure), arguments, value => Explorer.Run(Scenario.Of(value, driftPercent), rules, null));
    return failed == 0 ? 0 : 1;
});
return root.Parse(args).Invoke();
