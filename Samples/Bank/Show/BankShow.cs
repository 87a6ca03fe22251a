using Kameo.Actors;
using Kameo.Actors.Transport;
using Microsoft.Extensions.Logging;
using Samples.Bank.Nodes;

namespace Samples.Bank.Show;

/// <summary>The show: three processes, a teller in this one, a death, a return, and the sum at the end.</summary>
internal sealed class BankShow
{
    /// <summary>Which node is killed: the second.</summary>
    private const int Victim = 1;

    private const int RatesKept = 50;

    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_endTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_auditPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_lookPeriod = TimeSpan.FromMilliseconds(50);

    private readonly ShowSettings _settings;
    private readonly Story _story = new();
    private readonly BankNodes _nodes;
    private readonly Audit _audit;
    private readonly Lock _lock = new(); // Of the audit and the rates.
    private readonly Queue<double> _rates = new();
    private Teller? _teller;
    private volatile string _phase = "three processes start";

    /// <summary>Sets it up.</summary>
    /// <param name="settings">What is shown.</param>
    /// <param name="ledger">The ledger's directory: empty.</param>
    public BankShow(ShowSettings settings, string ledger)
    {
        _settings = settings;
        _nodes = new BankNodes(ledger, settings.Verbose, _story);
        _audit = new Audit(ledger, settings.Accounts);
    }

    /// <summary>Runs it, while a display draws it.</summary>
    /// <exception cref="OperationCanceledException">The token fired, or it took far too long.</exception>
    public async Task<Outturn> RunAsync(IDisplay display, CancellationToken cancellation)
    {
        long sum;
        await using (_nodes)
        {
            Task<long> play = Task.Run(() => PlayAsync(cancellation), CancellationToken.None);
            await display.ShowAsync(play, Look, _story);
            sum = await play;
        }

        ReadAudit(); // Nobody writes any more.
        return new Outturn(sum, _audit.Balances, _settings.Expected, _audit.IsSettled, _audit.Takeovers, _teller!.Done, _teller.Retried, _teller.LastFailure);
    }

    private async Task<long> PlayAsync(CancellationToken cancellation)
    {
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        starting.CancelAfter(s_startTimeout);
        await _nodes.StartAsync(starting.Token);
        using ILoggerFactory logs = LoggerFactory.Create(logging =>
            logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(_settings.Verbose ? LogLevel.Debug : LogLevel.None));
        await using ActorNode client = await ActorNode.StartAsync(ClientOptions(logs), starting.Token);
        using var watching = new CancellationTokenSource();
        Task watch = Task.Run(() => _nodes.WatchAsync(client, watching.Token), CancellationToken.None);
        try
        {
            await _nodes.ServingAsync(starting.Token);
            return await TransferAsync(new Teller(client, _settings), starting.Token, cancellation);
        }
        finally
        {
            await watching.CancelAsync();
            await watch;
        }
    }

    private async Task<long> TransferAsync(Teller teller, CancellationToken starting, CancellationToken cancellation)
    {
        _phase = "accounts are opened";
        await teller.OpenAsync(starting);
        _teller = teller;
        _story.Tell($"{_settings.Accounts} accounts are open, with {ShowSettings.OpeningBalance} each; transfers begin");
        _phase = "transfers";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var ordering = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var auditing = new CancellationTokenSource();
        Task audit = Task.Run(() => AuditAsync(auditing.Token), CancellationToken.None);
        ordering.CancelAfter(_settings.Duration);
        ending.CancelAfter(_settings.Duration + s_endTimeout);
        try
        {
            Task transfers = Task.Run(() => teller.RunAsync(ordering.Token, ending.Token), CancellationToken.None);
            Task accident = _settings.KillAt == TimeSpan.Zero ? Task.CompletedTask : Task.Run(() => KillAsync(teller, ending.Token), CancellationToken.None);
            await transfers;
            await accident;
            _story.Tell($"{teller.Done} transfers are done; {teller.Retried} attempts failed on the way and were made again");
            _phase = "adding up";
            return await teller.SumAsync(ending.Token);
        }
        finally
        {
            await auditing.CancelAsync();
            await audit;
        }
    }

    /// <summary>The accident: a node is killed; its accounts come back on the others; it starts again, and accounts move to it.</summary>
    private async Task KillAsync(Teller teller, CancellationToken cancellation)
    {
        await Task.Delay(_settings.KillAt, cancellation);
        TimeSpan killedAt = _story.Now;
        string name = _nodes.Kill(Victim);
        _phase = $"transfers without {name}";
        int[] lost = [.. Enumerable.Range(0, _settings.Accounts).Where(account => teller.Owners[account] == name)];
        Task restart = RestartAsync(killedAt, cancellation);
        while (lost.Any(account => teller.Owners[account] == name) && !restart.IsCompleted)
        {
            await Task.Delay(s_lookPeriod, cancellation);
        }

        int back = lost.Count(account => teller.Owners[account] != name);
        _story.Tell($"{back} of the {lost.Length} accounts that were last seen on {name} answer from other nodes, {(_story.Now - killedAt).TotalSeconds:0.0} s after the kill");
        await restart;
    }

    private async Task RestartAsync(TimeSpan killedAt, CancellationToken cancellation)
    {
        TimeSpan left = killedAt + (_settings.RestartAt - _settings.KillAt) - _story.Now;
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
        await _nodes.RestartAsync(Victim, cancellation);
        await _nodes.ServingAsync(cancellation);
        _phase = "transfers";
    }

    private async Task AuditAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_auditPeriod);
        long before = _teller!.Done;
        TimeSpan at = _story.Now;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                ReadAudit();
                (long done, TimeSpan now) = (_teller.Done, _story.Now);
                lock (_lock)
                {
                    _rates.Enqueue((done - before) / (now - at).TotalSeconds);
                    if (_rates.Count > RatesKept)
                    {
                        _rates.Dequeue();
                    }
                }

                (before, at) = (done, now);
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    private void ReadAudit()
    {
        lock (_lock)
        {
            _audit.Read();
        }
    }

    private ActorNodeOptions ClientOptions(ILoggerFactory logs)
    {
        var options = new ActorNodeOptions
        {
            Trust = TrustPolicy.Secret(_nodes.Secret, BankNode.ClusterName),
            ClusterName = BankNode.ClusterName,
            Listen = null,
            IsClient = true,
            AskTimeout = BankNode.AskTimeout,
            LoggerFactory = logs,
        };
        foreach (string address in _nodes.Addresses)
        {
            options.Seeds.Add(address);
        }

        return options;
    }

    private Scene Look()
    {
        lock (_lock)
        {
            Teller? teller = _teller;
            return new Scene
            {
                At = _story.Now,
                Phase = _phase,
                Epoch = _nodes.Epoch,
                Nodes = _nodes.Look(),
                Owners = teller?.Owners ?? [],
                Done = teller?.Done ?? 0,
                Rates = [.. _rates],
                InFlight = teller?.InFlight ?? 0,
                Held = teller?.Held ?? 0,
                Retried = teller?.Retried ?? 0,
                TooPoor = teller?.TooPoor ?? 0,
                Balances = _audit.Balances,
                InTransit = _audit.InTransit,
                Expected = _settings.Expected,
                Takeovers = _audit.Takeovers,
            };
        }
    }
}
