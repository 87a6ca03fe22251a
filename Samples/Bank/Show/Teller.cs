using System.Collections.Concurrent;
using Kameo.Actors;
using Samples.Bank.Accounts;

namespace Samples.Bank.Show;

/// <summary>Orders transfers at a steady rate, each again with the same id until it is done. Thread safe.</summary>
/// <param name="actors">The way to the accounts.</param>
/// <param name="settings">How many, how fast.</param>
internal sealed class Teller(IActors actors, ShowSettings settings)
{
    /// <summary>An order that is not answered for so long is held: its account has no node now, and the call waits for the next one.</summary>
    public static readonly TimeSpan HeldAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>Most transfers under way; more are not ordered until some are done.</summary>
    private const int InFlightMax = 20_000;

    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_retryPause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<long, long> _inFlight = new();
    private readonly string?[] _owners = new string?[settings.Accounts];
    private readonly TaskCompletionSource _allDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = 1; // The ordering itself counts as one.
    private long _lastId;
    private long _done;
    private long _tooPoor;
    private long _retried;

    /// <summary>Transfers done.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Transfers that the account had too little for.</summary>
    public long TooPoor => Interlocked.Read(ref _tooPoor);

    /// <summary>Attempts that failed and were made again.</summary>
    public long Retried => Interlocked.Read(ref _retried);

    /// <summary>Transfers under way.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Transfers of these that have waited for longer than <see cref="HeldAfter"/>.</summary>
    public int Held => _inFlight.Values.Count(static since => TimeProvider.System.GetElapsedTime(since) > HeldAfter);

    /// <summary>What the last attempt that failed failed with.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>The node from which each account answered last.</summary>
    public IReadOnlyList<string?> Owners => _owners;

    /// <summary>Opens all accounts.</summary>
    public async Task OpenAsync(CancellationToken cancellation) =>
        await Parallel.ForEachAsync(Enumerable.Range(0, settings.Accounts), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellation }, async (account, _) =>
        {
            var order = new DepositOrder(-1 - account, account, ShowSettings.OpeningBalance);
            Take(account, await RepeatAsync(() => actors.Get<IAccount>(account).Deposit(order), cancellation));
        });

    /// <summary>Orders transfers for a time, then waits until each one is done.</summary>
    /// <param name="ordering">Ends the ordering.</param>
    /// <param name="cancellation">Ends all of it.</param>
    public async Task RunAsync(CancellationToken ordering, CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        long ordered = 0;
        var random = new Random();
        while (!ordering.IsCancellationRequested)
        {
            long due = (long)(TimeProvider.System.GetElapsedTime(start).TotalSeconds * settings.Rate);
            for (; ordered < due && _inFlight.Count < InFlightMax; ordered++)
            {
                long from = random.Next(settings.Accounts);
                long to = (from + 1 + random.Next(settings.Accounts - 1)) % settings.Accounts;
                _ = TransferAsync(from, new TransferOrder(++_lastId, to, random.Next(1, 100)), cancellation);
            }

            ordered = Math.Max(ordered, due - settings.Rate); // What could not be ordered for long is not made up for at once.
            await Task.Delay(s_beat, cancellation);
        }

        Leave();
        await _allDone.Task.WaitAsync(cancellation);
    }

    /// <summary>Reads all accounts, until none has a transfer pending.</summary>
    /// <returns>What they hold together.</returns>
    public async Task<long> SumAsync(CancellationToken cancellation)
    {
        long sum = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, settings.Accounts), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellation }, async (account, _) =>
        {
            Statement statement;
            while ((statement = await RepeatAsync(() => actors.Get<IAccount>(account).Read(), cancellation)).Pending != 0)
            {
                await Task.Delay(s_retryPause, cancellation);
            }

            Interlocked.Add(ref sum, statement.Balance);
            Volatile.Write(ref _owners[account], statement.Node);
        });
        return sum;
    }

    private async Task TransferAsync(long from, TransferOrder order, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _left);
        _inFlight.TryAdd(order.Id, TimeProvider.System.GetTimestamp());
        try
        {
            Receipt receipt = await RepeatAsync(() => actors.Get<IAccount>(from).Transfer(order), cancellation);
            Take(from, receipt);
            Interlocked.Increment(ref receipt.Outcome == Outcome.Done ? ref _done : ref _tooPoor);
        }
        catch (Exception exception)
        {
            _allDone.TrySetException(exception); // Stopped, or a failure that no repetition mends.
        }
        finally
        {
            _inFlight.TryRemove(order.Id, out _);
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _allDone.TrySetResult();
        }
    }

    private void Take(long account, Receipt receipt) => Volatile.Write(ref _owners[account], receipt.Node);

    /// <summary>Makes a call until it succeeds: whatever became of an attempt, the order has an id and is carried out once.</summary>
    private async Task<T> RepeatAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (ActorCallException exception)
            {
                Interlocked.Increment(ref _retried);
                LastFailure = exception.Message;
            }

            await Task.Delay(s_retryPause, cancellation);
        }
    }
}
