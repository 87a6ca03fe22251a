namespace Samples.Bank.Show;

/// <summary>What a run came to.</summary>
/// <param name="Sum">What the accounts say they hold.</param>
/// <param name="LedgerSum">What the ledger says, read without them.</param>
/// <param name="Expected">What it must be.</param>
/// <param name="IsSettled">Whether by the ledger every debit has its deposit, and every deposit its debit.</param>
/// <param name="Takeovers">Times that an account was taken over by another node.</param>
/// <param name="Done">Transfers done.</param>
/// <param name="Retried">Attempts that failed and were made again.</param>
/// <param name="LastFailure">What the last of these failed with.</param>
internal sealed record Outturn(long Sum, long LedgerSum, long Expected, bool IsSettled, long Takeovers, long Done, long Retried, string? LastFailure)
{
    /// <summary>Whether nothing was made or lost.</summary>
    public bool IsRight => Sum == Expected && LedgerSum == Expected && IsSettled;

    /// <summary>Says it; the sum last.</summary>
    public void Print(TextWriter output)
    {
        output.WriteLine($"{Done} transfers; accounts were taken over by another node {Takeovers} times; {Retried} attempts failed and were made again.");
        if (LastFailure is not null)
        {
            output.WriteLine($"The last failure: {LastFailure}");
        }

        if (!IsSettled || LedgerSum != Sum)
        {
            output.WriteLine($"The ledger has {LedgerSum}{(IsSettled ? string.Empty : ", and transfers that have only one half")}.");
        }

        output.WriteLine($"sum {Sum} expected {Expected}");
    }
}
