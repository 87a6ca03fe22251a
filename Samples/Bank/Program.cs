using Kameo.Actors.Transport;
using Samples.Bank;
using Samples.Bank.Ledgers;
using Samples.Bank.Nodes;
using Samples.Bank.Show;
using Spectre.Console;

System.CommandLine.ParseResult parsed = new BankOptions().ToCommand(ShowAsync, NodeAsync).Parse(args);
if (parsed.Errors.Count != 0)
{
    Console.Error.WriteLine($"{parsed.Errors[0].Message} See --help.");
    return 2;
}

return await parsed.InvokeAsync(new System.CommandLine.InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

static Task<int> NodeAsync(NodeSettings settings, CancellationToken cancellation) => GuardAsync(() => BankNode.RunAsync(settings, cancellation));

static Task<int> ShowAsync(ShowSettings settings, CancellationToken cancellation) => GuardAsync(async () =>
{
    string ledger = settings.Ledger is { } given ? Directory.CreateDirectory(given).FullName : Directory.CreateTempSubdirectory("kameo-bank-").FullName;
    bool isKept = true;
    try
    {
        IDisplay display = Console.IsOutputRedirected ? new LineDisplay(Console.Out) : new TerminalDisplay(AnsiConsole.Console);
        Outturn outturn = await new BankShow(settings, ledger).RunAsync(display, cancellation);
        isKept = settings.Ledger is not null || !outturn.IsRight;
        outturn.Print(Console.Out);
        return outturn.IsRight ? 0 : 1;
    }
    finally
    {
        if (isKept)
        {
            Console.Error.WriteLine($"The ledger is in {ledger}.");
        }
        else
        {
            Directory.Delete(ledger, recursive: true);
        }
    }
});

static async Task<int> GuardAsync(Func<Task<int>> run)
{
    try
    {
        return await run();
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Stopped, or not done in time.");
        return 1;
    }
    catch (Exception exception) when (exception is TransportException or LedgerException or InvalidOperationException or PlatformNotSupportedException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
}
