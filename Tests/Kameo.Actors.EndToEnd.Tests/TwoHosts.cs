using System.Diagnostics;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>Two hosts on this machine: network namespaces joined by a pair of virtual interfaces. Gone when disposed.</summary>
internal sealed class TwoHosts : IDisposable
{
    private readonly string _tag = Guid.NewGuid().ToString("n")[..8];

    private TwoHosts()
    {
    }

    public string First => $"kameo-a-{_tag}";

    public string Second => $"kameo-b-{_tag}";

    public static string FirstAddress => "10.77.0.1";

    public static TwoHosts Create()
    {
        var hosts = new TwoHosts();
        try
        {
            Run("ip", "netns", "add", hosts.First);
            Run("ip", "netns", "add", hosts.Second);
            Run("ip", "link", "add", $"ka{hosts._tag}", "netns", hosts.First, "type", "veth", "peer", "name", $"kb{hosts._tag}", "netns", hosts.Second);
            hosts.Configure(hosts.First, $"ka{hosts._tag}", FirstAddress);
            hosts.Configure(hosts.Second, $"kb{hosts._tag}", "10.77.0.2");
            hosts.WaitUntilUp();
            return hosts;
        }
        catch
        {
            hosts.Dispose();
            throw;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static string Run(params string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: {error}");
    }

    public void Dispose()
    {
        foreach (string host in new[] { First, Second })
        {
            try
            {
                Run("ip", "netns", "delete", host);
            }
            catch (InvalidOperationException)
            {
                // It was not made.
            }
        }
    }

    /// <summary>The kernel reports a new link as up some time after it was set up.</summary>
    private void WaitUntilUp()
    {
        long start = Environment.TickCount64;
        while (Run("ip", "-n", First, "-o", "link").Split('\n').Concat(Run("ip", "-n", Second, "-o", "link").Split('\n')).Count(static line => line.Contains("state UP", StringComparison.Ordinal)) < 2)
        {
            Assert.True(Environment.TickCount64 - start < SampleProcess.Deadline.TotalMilliseconds, "the link did not come up");
        }
    }

    private void Configure(string host, string link, string address)
    {
        Run("ip", "-n", host, "link", "set", "lo", "up");
        Run("ip", "-n", host, "address", "add", $"{address}/24", "dev", link);
        Run("ip", "-n", host, "link", "set", link, "up");
    }
}
