using System.Reflection;
using System.Text.RegularExpressions;

namespace Kameo.Actors.Transport.Tests;

/// <summary>The table of bounds in Transport/README.md is true: it has every limit, and the tests and metrics that it names exist.</summary>
public sealed partial class BoundsPageTests
{
    private static readonly string s_page = ReadSection();

    [Fact]
    public void Every_limit_is_in_the_table()
    {
        string[] limits = [.. typeof(TransportLimits).GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(static property => property.Name)];
        Assert.NotEmpty(limits);
        Assert.All(limits, static limit => Assert.Contains($"`{limit}`", s_page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_test_that_it_names_exists()
    {
        Type[] types = typeof(BoundsPageTests).Assembly.GetTypes();
        MatchCollection named = TestName().Matches(s_page);
        Assert.True(named.Count > 30);
        foreach (Match match in named)
        {
            Type? type = types.SingleOrDefault(type => type.Name == match.Groups[1].Value);
            Assert.True(type is not null, $"there are no {match.Groups[1].Value}");
            Assert.True(!match.Groups[2].Success || type.GetMethod(match.Groups[2].Value) is not null, $"there is no test {match.Value}");
        }
    }

    [Fact]
    public async Task Every_metric_that_it_names_exists()
    {
        await using TransportNode node = await TransportNode.StartAsync(Nodes.TwoNodes.ClientOptions());
        string[] metrics = [.. s_page.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).SelectMany(static line => MetricName().Matches(line.Split('|')[3]).Select(static match => match.Groups[1].Value)).Distinct()];
        Assert.True(metrics.Length > 10);
        Assert.All(metrics, metric => new Nodes.CountedMetric(node, $"kameo.transport.{metric}").Dispose());
    }

    private static string ReadSection()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Kameo.Actors.sln")))
        {
            folder = folder.Parent;
        }

        string page = File.ReadAllText(Path.Combine(folder!.FullName, "Transport", "README.md"));
        int begin = page.IndexOf("## Bounds", StringComparison.Ordinal);
        return page[begin..page.IndexOf("\n## ", begin + 1, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"`([A-Z]\w*Tests)(?:\.(\w+))?`")]
    private static partial Regex TestName();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex MetricName();
}
