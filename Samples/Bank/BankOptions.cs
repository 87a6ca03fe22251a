using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Samples.Bank.Nodes;
using Samples.Bank.Show;

namespace Samples.Bank;

/// <summary>The command line.</summary>
internal sealed class BankOptions
{
    private const int SecondsDefault = 25;
    private const int SecondsMax = 3600;
    private const int KillDefault = 6;

    private readonly Option<int> _accounts = WholeNumber("--accounts", "How many accounts, each opened with 1000: 2 to 100,000.", 120, 2, 100_000);

    private readonly Option<int> _rate = WholeNumber("--transfers", "How many transfers are ordered a second: 1 to 10,000.", 400, 1, 10_000);

    private readonly Option<int> _seconds = WholeNumber("--seconds", "For how many seconds transfers are ordered: 1 to 3,600.", SecondsDefault, 1, SecondsMax);

    private readonly Option<int> _kill = WholeNumber("--kill", "At which second, before the last, a node's process is killed; 0: never. It is started again half-way from there to the end.", KillDefault, 0, SecondsMax);

    private readonly Option<string?> _ledger = new("--ledger") { Description = "A directory for the ledger, empty or yet to be made, which is kept. Without it a temporary one, kept unless the sum is right.", HelpName = "DIRECTORY" };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log to standard error." };

    private readonly Option<string> _name = new("--name") { Required = true };

    private readonly Option<string> _nodeLedger = new("--ledger") { Required = true };

    private readonly Option<string[]> _seeds = new("--seed") { AllowMultipleArgumentsPerToken = true };

    /// <summary>The command: the show, and hidden below it the node that it starts three times.</summary>
    public RootCommand ToCommand(Func<ShowSettings, CancellationToken, Task<int>> show, Func<NodeSettings, CancellationToken, Task<int>> node)
    {
        var root = new RootCommand("A bank whose accounts are actors on three processes. Money moves between them, a process is killed in the middle, and at the end nothing is missing.");
        foreach (Option option in new Option[] { _accounts, _rate, _seconds, _kill, _ledger, _verbose })
        {
            root.Options.Add(option);
        }

        root.Validators.Add(result =>
        {
            if (Given(result, _seconds, SecondsDefault) is >= 1 and <= SecondsMax and var seconds && Given(result, _kill, KillDefault) is <= SecondsMax and var kill && kill >= seconds)
            {
                result.AddError($"--kill ({KillDefault} if it is not given) must be before the end: less than --seconds; 0 is never.");
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

    /// <summary>Defaults are not there yet when a command is validated. Null: what was given cannot be read, which is an error of its own.</summary>
    private static int? Given(CommandResult result, Option<int> option, int otherwise) =>
        result.GetResult(option) is not { } given ? otherwise : given.Tokens is [{ Value: var text }] ? Number(text) : null;

    private static int? Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static Option<int> WholeNumber(string name, string description, int otherwise, int min, int max) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? string.Empty : result.Tokens[0].Value;
            if (Number(text) is { } number && number >= min && number <= max)
            {
                return number;
            }

            result.AddError($"{name}: '{text}' is not a whole number of {min} to {max}.");
            return otherwise;
        },
    };
}
