using System.CommandLine;
using Kameo.Actors.Benchmarks.Commands;

var root = new RootCommand("Measures Kameo.Actors beside what a C# developer would use instead, between two processes on this machine. Absolute numbers depend on it; look at ratios.");
foreach (Command command in BenchmarkCommands.CreateAll())
{
    root.Subcommands.Add(command);
}

root.Subcommands.Add(Kameo.Actors.Benchmarks.Cluster.ClusterCommand.Create());
root.Subcommands.Add(Kameo.Actors.Benchmarks.Handoff.HandoffCommand.Create());
root.Subcommands.Add(Kameo.Actors.Benchmarks.Handoff.HandoffMember.Create());
root.Subcommands.Add(IdleCommands.Create());
root.Subcommands.Add(IdleCommands.CreateServe());
root.Subcommands.Add(ActivationsCommand.Create());
root.Subcommands.Add(PartCommands.CreateServe());
root.Subcommands.Add(PartCommands.CreateCall());
return await root.Parse(args).InvokeAsync();
