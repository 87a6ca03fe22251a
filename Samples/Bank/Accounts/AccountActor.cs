using Kameo.Actors;
using Orleans.Concurrency;
using Samples.Bank.Nodes;

namespace Samples.Bank.Accounts;

/// <summary>
/// An account. Its state is its ledger's; what is in memory is lost with the process and read again by the next activation. A transfer is three lines: debited here, deposited there, completed here. Each of them is written once, however
/// often its order comes, and whoever dies in between: the next activation goes on with what is pending.
/// </summary>
/// <remarks>Reentrant, so that two accounts that pay each other do not wait for each other: what must be one step has no <c>await</c> inside.</remarks>
/// <param name="branch">The node's part of the bank.</param>
[Reentrant]
[KeepAlive]
internal sealed class AccountActor(Branch branch) : Actor, IAccount
{
    private static readonly ActorTimerOptions s_resumption = new(TimeSpan.Zero, TimeSpan.FromSeconds(1)) { Interleave = true };

    private readonly HashSet<long> _underWay = [];
    private AccountBook _book = null!; // Opened before the first call.

    /// <inheritdoc/>
    public override ValueTask OnActivateAsync(CancellationToken cancellation)
    {
        _book = new AccountBook(branch.Ledger, Key.Integer, Context.Fence);
        branch.CountResumed(_book.Pending.Count);
        RegisterTimer(ResumeAsync, s_resumption); // Not here: the account at the other end may be activating too, and wait for this one.
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask<Receipt> Transfer(TransferOrder order)
    {
        if (order.Amount <= 0 || order.To == Key.Integer)
        {
            throw new ArgumentException("A transfer is of a positive amount, to another account.");
        }

        if (!_book.HasDebited(order.Id))
        {
            if (_book.Balance < order.Amount)
            {
                return new Receipt(Outcome.TooPoor, branch.Name);
            }

            Write(static (book, order) => book.Debit(order), order);
        }

        await CompleteAsync(order);
        return new Receipt(Outcome.Done, branch.Name);
    }

    /// <inheritdoc/>
    public ValueTask<Receipt> Deposit(DepositOrder order)
    {
        if (!_book.HasDeposited(order.Id))
        {
            Write(static (book, order) => book.Deposit(order), order);
        }

        return new(new Receipt(Outcome.Done, branch.Name));
    }

    /// <inheritdoc/>
    public ValueTask<Statement> Read() => new(new Statement(_book.Balance, _book.Pending.Count, Context.Fence, branch.Name));

    /// <summary>The second and third line of a transfer. Two of these for one transfer do no harm: the other account knows its id.</summary>
    private async Task CompleteAsync(TransferOrder order)
    {
        if (!_book.Pending.ContainsKey(order.Id))
        {
            return;
        }

        _underWay.Add(order.Id);
        try
        {
            await Actors.Get<IAccount>(order.To).Deposit(new DepositOrder(order.Id, Key.Integer, order.Amount));
        }
        finally
        {
            _underWay.Remove(order.Id);
        }

        if (_book.Pending.ContainsKey(order.Id))
        {
            Write(static (book, order) => book.Complete(order), order);
        }
    }

    /// <summary>Goes on with the transfers that nobody is at: those of an activation that died, and those whose deposit failed.</summary>
    private async Task ResumeAsync(CancellationToken cancellation)
    {
        TransferOrder[] left = [.. _book.Pending.Values.Where(order => !_underWay.Contains(order.Id))];
        await Task.WhenAll(left.Select(async order =>
        {
            try
            {
                await CompleteAsync(order);
            }
            catch (ActorCallException)
            {
                // The next tick tries again.
            }
        }));
    }

    /// <summary>Writes a line; if that fails this activation ends, and the next one, here or elsewhere, reads what the ledger has.</summary>
    private void Write<T>(Action<AccountBook, T> write, T order)
    {
        try
        {
            write(_book, order);
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }
}
