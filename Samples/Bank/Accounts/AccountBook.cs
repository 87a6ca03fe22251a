using Samples.Bank.Ledgers;

namespace Samples.Bank.Accounts;

/// <summary>An account's state: what its ledger's lines come to. Every change is a line first; not thread safe.</summary>
internal sealed class AccountBook
{
    private readonly Ledger _ledger;
    private readonly long _account;
    private readonly long _fence;
    private readonly HashSet<long> _deposited = [];
    private readonly HashSet<long> _debited = [];
    private readonly Dictionary<long, TransferOrder> _pending = [];

    /// <summary>Takes the account, and reads it.</summary>
    /// <exception cref="LedgerException">A higher fence has it, or the ledger cannot be read.</exception>
    public AccountBook(Ledger ledger, long account, long fence)
    {
        (_ledger, _account, _fence) = (ledger, account, fence);
        foreach (LedgerRecord record in ledger.Claim(account, fence))
        {
            Apply(record);
        }
    }

    /// <summary>Its money.</summary>
    public long Balance { get; private set; }

    /// <summary>What has left and is not known to have arrived.</summary>
    public IReadOnlyDictionary<long, TransferOrder> Pending => _pending;

    /// <summary>A write failed: what the ledger has is not known any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether a transfer has left.</summary>
    public bool HasDebited(long transfer) => _debited.Contains(transfer);

    /// <summary>Whether a transfer has come in.</summary>
    public bool HasDeposited(long transfer) => _deposited.Contains(transfer);

    /// <summary>Money leaves.</summary>
    public void Debit(TransferOrder order) => Enter(new LedgerRecord(_fence, LedgerEntry.Debited, order.Id, order.To, order.Amount));

    /// <summary>Money comes in.</summary>
    public void Deposit(DepositOrder order) => Enter(new LedgerRecord(_fence, LedgerEntry.Deposited, order.Id, order.From, order.Amount));

    /// <summary>What left has arrived.</summary>
    public void Complete(TransferOrder order) => Enter(new LedgerRecord(_fence, LedgerEntry.Completed, order.Id, order.To, order.Amount));

    private void Enter(LedgerRecord record)
    {
        if (IsBroken)
        {
            throw new LedgerException($"Account {_account} is about to be read anew.");
        }

        try
        {
            _ledger.Append(_account, record);
        }
        catch
        {
            IsBroken = true;
            throw;
        }

        Apply(record);
    }

    private void Apply(LedgerRecord record)
    {
        switch (record.Entry)
        {
            case LedgerEntry.Claimed:
                break;
            case LedgerEntry.Deposited:
                _deposited.Add(record.Transfer);
                Balance += record.Amount;
                break;
            case LedgerEntry.Debited:
                _debited.Add(record.Transfer);
                _pending.Add(record.Transfer, new TransferOrder(record.Transfer, record.Other, record.Amount));
                Balance -= record.Amount;
                break;
            case LedgerEntry.Completed:
                _pending.Remove(record.Transfer);
                break;
            default:
                throw new LedgerException($"The ledger of account {_account} has an entry of a kind that is not known: {record.Entry}.");
        }
    }
}
