using System.Globalization;
using System.Text.RegularExpressions;
using Kameo.Actors.EndToEnd.Tests.Cluster;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>The bank: money that moves between actors on three processes, one of which is killed, and none of it lost.</summary>
[Collection(ClusterCollection.Name)]
public sealed partial class BankTests
{
    [Fact]
    public async Task No_money_is_made_or_lost_when_a_process_is_killed_in_the_middle_of_transfers_and_comes_back()
    {
        string ledger = Path.Combine(Path.GetTempPath(), $"kameo-bank-{Guid.NewGuid():n}");
        try
        {
            await using SampleProcess bank = SampleProcess.Bank("--accounts", "24", "--transfers", "150", "--seconds", "10", "--kill", "2", "--ledger", ledger);
            IReadOnlyList<string> lines = bank.ReadToEnd();
            string all = string.Join('\n', lines) + bank.Errors;
            Assert.True(await bank.ExitAsync() == 0, all);
            Assert.Equal("sum 24000 expected 24000", lines[^1]);
            Assert.Contains("node B is killed", all, StringComparison.Ordinal);
            Assert.Contains("node B is evicted", all, StringComparison.Ordinal);
            Assert.Equal(2, lines.Count(static line => line.Contains("node B has joined", StringComparison.Ordinal)));

            // Not a show of nothing: transfers ran, accounts of the killed node went to others, and the ledger says the same as the actors.
            Match totals = Totals().Match(lines[^2].StartsWith("The last failure", StringComparison.Ordinal) ? lines[^3] : lines[^2]);
            Assert.True(totals.Success, all);
            Assert.True(int.Parse(totals.Groups[1].ValueSpan, CultureInfo.InvariantCulture) > 100, all);
            Assert.True(int.Parse(totals.Groups[2].ValueSpan, CultureInfo.InvariantCulture) > 0, all);
            Assert.Equal(24, Directory.GetFiles(ledger, "account-*.ledger").Length);
        }
        finally
        {
            if (Directory.Exists(ledger))
            {
                Directory.Delete(ledger, recursive: true);
            }
        }
    }

    [Theory]
    [InlineData("--accounts: '1' is not a whole number of 2 to 100000", "--accounts", "1")]
    [InlineData("--accounts: 'many' is not", "--accounts", "many")]
    [InlineData("--transfers: '0' is not", "--transfers", "0")]
    [InlineData("--seconds: '-5' is not", "--seconds", "-5")]
    [InlineData("--seconds: 'soon' is not", "--seconds", "soon")]
    [InlineData("--kill: 'x' is not", "--kill", "x")]
    [InlineData("--kill: '4000' is not", "--kill", "4000")]
    [InlineData("--kill (6 if it is not given) must be before the end", "--seconds", "5")]
    [InlineData("before the end", "--kill", "25")]
    [InlineData("not an empty directory", "--ledger", "/proc")]
    [InlineData("--unheard-of", "--unheard-of")]
    public async Task Wrong_usage_is_said_in_one_line(string says, params string[] arguments)
    {
        await using SampleProcess bank = SampleProcess.Bank(arguments);
        Assert.Equal(2, await bank.ExitAsync());
        Assert.Contains(says, bank.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", bank.Errors, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^(\d+) transfers; accounts were taken over by another node (\d+) times")]
    private static partial Regex Totals();
}
