using Samples.Bank.Ledgers;

namespace Samples.Bank.Show;

/// <summary>Follows the ledger's files from outside, without asking any actor, and adds up what they say. Not thread safe.</summary>
/// <remarks>
/// Files are read one after the other while they grow, so a deposit may be read before the debit that it belongs to: it is put aside until that comes. Then balances and what is in transit come to what was deposited at first at every
/// moment, unless money was made or lost: a transfer that is deposited twice, or that nobody debited, shows.
/// </remarks>
/// <param name="directory">The ledger's directory.</param>
/// <param name="accounts">How many accounts.</param>
internal sealed class Audit(string directory, int accounts)
{
    private readonly long[] _offsets = new long[accounts];
    private readonly long[] _fences = new long[accounts];
    private readonly HashSet<long> _debited = [];
    private readonly Dictionary<long, long> _inTransit = [];
    private readonly Dictionary<long, long> _early = [];

    /// <summary>What the accounts hold.</summary>
    public long Balances { get; private set; }

    /// <summary>What has left an account and has not come in at the other.</summary>
    public long InTransit { get; private set; }

    /// <summary>Transfers that were deposited, so far.</summary>
    public long Deposited { get; private set; }

    /// <summary>Times that an account was taken by a higher fence than before: by another node.</summary>
    public long Takeovers { get; private set; }

    /// <summary>Whether nothing is between accounts, and no deposit is without its debit.</summary>
    public bool IsSettled => _inTransit.Count == 0 && _early.Count == 0 && InTransit == 0;

    /// <summary>Balances and what is in transit.</summary>
    public long Sum => Balances + InTransit;

    /// <summary>Reads what was written since the last time.</summary>
    /// <returns>False: some file was just being written to, and is left for the next time.</returns>
    /// <exception cref="LedgerException">A line is damaged.</exception>
    public bool Read()
    {
        bool isWhole = true;
        for (int account = 0; account < accounts; account++)
        {
            isWhole &= TryRead(account);
        }

        return isWhole;
    }

    private bool TryRead(int account)
    {
        string path = Ledger.FileOf(directory, account);
        byte[] lines;
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            lines = new byte[(file.Length - _offsets[account]) / LedgerRecord.Length * LedgerRecord.Length];
            file.Position = _offsets[account];
            file.ReadExactly(lines);
        }
        catch (IOException)
        {
            return false; // Locked by a writer, or not there yet.
        }

        for (int at = 0; at < lines.Length; at += LedgerRecord.Length)
        {
            if (!LedgerRecord.TryRead(lines.AsSpan(at, LedgerRecord.Length), _offsets[account], out LedgerRecord record))
            {
                throw new LedgerException($"The ledger of account {account} is damaged at byte {_offsets[account]}.");
            }

            _offsets[account] += LedgerRecord.Length;
            Apply(account, record);
        }

        return true;
    }

    private void Apply(int account, LedgerRecord record)
    {
        if (record.Fence < _fences[account])
        {
            throw new LedgerException($"The ledger of account {account} has fence {record.Fence} after {_fences[account]}.");
        }

        Takeovers += record.Fence > _fences[account] && _fences[account] != 0 ? 1 : 0;
        _fences[account] = record.Fence;
        switch (record.Entry)
        {
            case LedgerEntry.Debited:
                Balances -= record.Amount;
                InTransit += record.Amount;
                _debited.Add(record.Transfer);
                _inTransit[record.Transfer] = record.Amount;
                if (_early.Remove(record.Transfer, out long early))
                {
                    Deposit(record.Transfer, early);
                }

                break;
            case LedgerEntry.Deposited when record.Transfer < 0:
                Balances += record.Amount;
                break;
            case LedgerEntry.Deposited when !_debited.Contains(record.Transfer):
                _early[record.Transfer] = _early.GetValueOrDefault(record.Transfer) + record.Amount;
                break;
            case LedgerEntry.Deposited:
                Deposit(record.Transfer, record.Amount);
                break;
            default:
                break;
        }
    }

    private void Deposit(long transfer, long amount)
    {
        Deposited++;
        Balances += amount;
        if (_inTransit.Remove(transfer, out long left))
        {
            InTransit -= left;
        }
    }
}
