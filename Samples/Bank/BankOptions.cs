using System.CommandLine;
using System.CommandLine.Parsing;
using Samples.Bank.Nodes;
using Samples.Bank.Show;

namespace Samples.Bank;

/// <summary>The command line.</summary>
internal sealed class BankOptions
{
    private const int SecondsDefault = 25;
    private const int KillDefault = 6;

    private readonly Option<int> _accounts = new("--accounts") { Description = "How many accounts, each opened with 1000: 2 to 100,000.", HelpName = "N", DefaultValueFactory = static _ => 120 };

    private readonly Option<int> _rate = new("--transfers") { Description = "How many transfers are ordered a second: 1 to 10,000.", HelpName = "N", DefaultValueFactory = static _ => 400 };

    private readonly Option<int> _seconds = new("--seconds") { Description = "For how many seconds transfers are ordered: 1 to 3,600.", HelpName = "N", DefaultValueFactory = static _ => SecondsDefault };

    private readonly Option<int> _kill = new("--kill") { Description = "At which second, before the last, a node's process is killed; 0: never. It is started again half-way from there to the end.", HelpName = "N", DefaultValueFactory = static _ => KillDefault };

    private readonly Option<string?> _ledger = new("--ledger") { Description = "A directory for the ledger, empty or yet to be made, which is kept. Without it a temporary one, kept unless the sum is right.", HelpName = "DIRECTORY" };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log to standard error." };

    private readonly Option<string> _name = new("--name") { Required = true };

    private readonly Option<string> _nodeLedger = new("--ledger") { Required = true };

    private readonly Option<string[]> _seeds = new("--seed") { AllowMultipleArgumentsPerToken = true };

    /// <summary>The command: the show, and hidden below it the node that it starts three times.</summary>
    public RootCommand ToCommand(Func<ShowSettings, CancellationToken, Task<int>> show, Func<NodeSettings, CancellationToken, Task<int>> node)
    {
        Within(_accounts, 2, 100_000);
        Within(_rate, 1, 10_000);
        Within(_seconds, 1, 3600);
        Within(_kill, 0, 3600);
        var root = new RootCommand("A bank whose accounts are actors on three processes. Money moves between them, a process is killed in the middle, and at the end nothing is missing.");
        foreach (Option option in new Option[] { _accounts, _rate, _seconds, _kill, _ledger, _verbose })
        {
            root.Options.Add(option);
        }

        root.Validators.Add(result =>
        {
            if (Given(result, _seconds, SecondsDefault) is >= 1 and var seconds && Given(result, _kill, KillDefault) >= seconds)
            {
                result.AddError("--kill must be before the end: less than --seconds.");
            }
            else if (result.GetValue(_ledger) is { } ledger && (File.Exists(ledger) || (Directory.Exists(ledger) && Directory.EnumerateFileSystemEntries(ledger).Any())))
            {
                result.AddError($"--ledger: '{ledger}' is not an empty directory.");
            }
        });
        root.SetAction((result, cancellation) => show(ReadShow(result), cancellation));
        var nodeCommand = new Command("node", "One node, for the show.") { Hidden = true };
        foreach (Option option in new Option[] { _name, _nodeLedger, _seeds, _verbose })
        {
            nodeCommand.Options.Add(option);
        }

        nodeCommand.SetAction((result, cancellation) => node(
            new NodeSettings(result.GetValue(_name)!, result.GetValue(_nodeLedger)!, result.GetValue(_seeds) ?? [], result.GetValue(_verbose)),
            cancellation));
        root.Subcommands.Add(nodeCommand);
        return root;
    }

    private ShowSettings ReadShow(ParseResult result)
    {
        var duration = TimeSpan.FromSeconds(result.GetValue(_seconds));
        var killAt = TimeSpan.FromSeconds(result.GetValue(_kill));
        return new ShowSettings
        {
            Accounts = result.GetValue(_accounts),
            Rate = result.GetValue(_rate),
            Duration = duration,
            KillAt = killAt,
            RestartAt = killAt + ((duration - killAt) / 2),
            Ledger = result.GetValue(_ledger),
            Verbose = result.GetValue(_verbose),
        };
    }

    /// <summary>Defaults are not there yet when a command is validated.</summary>
    private static int Given(CommandResult result, Option<int> option, int otherwise) => result.GetResult(option) is null ? otherwise : result.GetValue(option);

    private static void Within(Option<int> option, int min, int max) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count != 0 && int.TryParse(result.Tokens[0].Value, out int value) && (value < min || value > max))
            {
                result.AddError($"{option.Name} must be {min} to {max}.");
            }
        });
}
