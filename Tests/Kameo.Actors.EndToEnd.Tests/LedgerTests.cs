using Samples.Bank.Ledgers;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>The bank's store outside of the cluster: what keeps a process that has lost an account from writing to it.</summary>
public sealed class LedgerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kameo-ledger-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_claim_reads_what_was_written()
    {
        var ledger = new Ledger(_directory);
        Assert.Empty(ledger.Claim(7, 1));
        ledger.Append(7, Deposit(1, 100));
        ledger.Append(7, Deposit(1, 200));
        Assert.Equal([100, 200], ledger.Claim(7, 1).Where(static record => record.Entry == LedgerEntry.Deposited).Select(static record => record.Amount));
    }

    [Fact]
    public void From_a_claim_on_lower_fences_are_refused_and_write_nothing()
    {
        var old = new Ledger(_directory);
        old.Claim(7, 3);
        old.Append(7, Deposit(3, 100));
        var young = new Ledger(_directory);
        young.Claim(7, 4);
        Assert.Throws<FencedOffException>(() => old.Append(7, Deposit(3, 200)));
        Assert.Throws<FencedOffException>(() => old.Claim(7, 3));
        Assert.Equal(2, old.Refused);
        Assert.Equal(100, young.Claim(7, 4).Sum(static record => record.Amount));
    }

    [Fact]
    public void A_line_cut_short_by_the_end_of_its_process_is_written_over()
    {
        var ledger = new Ledger(_directory);
        ledger.Claim(7, 1);
        ledger.Append(7, Deposit(1, 100));
        string file = Ledger.FileOf(_directory, 7);
        File.WriteAllBytes(file, [.. File.ReadAllBytes(file), 1, 2, 3]);
        ledger.Append(7, Deposit(1, 200));
        Assert.Equal(300, ledger.Claim(7, 1).Sum(static record => record.Amount));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(47)]
    public void A_damaged_line_is_said(int at)
    {
        var ledger = new Ledger(_directory);
        ledger.Claim(7, 1);
        ledger.Append(7, Deposit(1, 100));
        string file = Ledger.FileOf(_directory, 7);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Contains("damaged", Assert.Throws<LedgerException>(() => ledger.Claim(7, 1)).Message, StringComparison.Ordinal);
    }

    private static LedgerRecord Deposit(long fence, long amount) => new(fence, LedgerEntry.Deposited, amount, 0, amount);
}
