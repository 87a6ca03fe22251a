using System.CommandLine;
using System.Globalization;
using Kameo.Actors.Benchmarks;
using Kameo.Actors.Transport;
using Spectre.Console;

var inFlight = new Option<int>("--in-flight") { Description = "How many callers.", DefaultValueFactory = static _ => 1000 };
var size = new Option<int>("--size") { Description = "Bytes of payload.", DefaultValueFactory = static _ => 64 };
var seconds = new Option<double>("--seconds") { Description = "How long a round takes.", DefaultValueFactory = static _ => 2 };
var rounds = new Option<int>("--rounds") { Description = "Rounds that count, after one that does not.", DefaultValueFactory = static _ => 5 };
var loop = new Option<TransportLoop>("--loop") { Description = "How both nodes read their sockets." };
var root = new RootCommand("Measures Kameo.Actors between two processes on this machine. Absolute numbers depend on it; look at ratios.");
Add("remote-ask", "Asks: typed through a generated reference, and raw bytes to a name with a handler.", [
    ("typed", Workloads.TypedAsksAsync),
    ("raw", Workloads.RawAsksAsync)]);
Add("remote-tell", "Tells to one actor, counted at the receiver.", [("tell", Workloads.TellsAsync)]);
var serve = new Command("serve", "The server's process.") { Hidden = true };
serve.Options.Add(loop);
serve.SetAction((result, cancellation) => ServeCommand.RunAsync(result.GetValue(loop), cancellation));
root.Subcommands.Add(serve);
return await root.Parse(args).InvokeAsync();

void Add(string name, string description, (string Name, Func<ServerProcess, int, byte[], TimeSpan, Task<long>> Run)[] contenders)
{
    var command = new Command(name, description) { inFlight, size, seconds, rounds, loop };
    command.SetAction(async (result, cancellation) =>
    {
        await using ServerProcess server = await ServerProcess.StartAsync(result.GetValue(loop), cancellation);
        byte[] payload = new byte[result.GetValue(size)];
        var time = TimeSpan.FromSeconds(result.GetValue(seconds));
        var measured = contenders.ToDictionary(static one => one.Name, static _ => new List<Round>());
        for (int round = 0; round <= result.GetValue(rounds); round++)
        {
            foreach ((string contender, Func<ServerProcess, int, byte[], TimeSpan, Task<long>> run) in contenders)
            {
                Round one = await Round.MeasureAsync(server, () => run(server, result.GetValue(inFlight), payload, time));
                if (round > 0)
                {
                    measured[contender].Add(one);
                }
            }
        }

        Print(measured);
        return 0;
    });
    root.Subcommands.Add(command);
}

static void Print(Dictionary<string, List<Round>> measured)
{
    Table table = new Table().AddColumns("what", "median/s", "least", "most", "CPU us", "client B", "server B");
    foreach ((string name, List<Round> all) in measured)
    {
        Round[] sorted = [.. all.OrderBy(static round => round.Rate)];
        Round median = sorted[sorted.Length / 2];
        table.AddRow(name, Text(median.Rate), Text(sorted[0].Rate), Text(sorted[^1].Rate), median.CpuPerMessage.ToString("0.00", CultureInfo.InvariantCulture),
            ((double)median.ClientBytes / median.Messages).ToString("0.0", CultureInfo.InvariantCulture), ((double)median.ServerBytes / median.Messages).ToString("0.0", CultureInfo.InvariantCulture));
    }

    AnsiConsole.Write(table);
}

static string Text(double rate) => rate.ToString("N0", CultureInfo.InvariantCulture);
