using System.Globalization;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>Hosts on this machine: network namespaces with a cable each to one of two bridges, which a cable joins. Gone when disposed.</summary>
internal sealed class BridgedHosts : IDisposable
{
    private readonly string _tag = Guid.NewGuid().ToString("n")[..6];
    private readonly List<string> _namespaces = [];

    private BridgedHosts()
    {
    }

    private string Switches => $"kameo-sw-{_tag}";

    /// <summary>Makes hosts.</summary>
    /// <param name="near">How many are on the near bridge, from host 0.</param>
    /// <param name="far">How many on the far one.</param>
    public static BridgedHosts Create(int near, int far)
    {
        var hosts = new BridgedHosts();
        try
        {
            hosts.Build(near, far);
            return hosts;
        }
        catch
        {
            hosts.Dispose();
            throw;
        }
    }

    /// <summary>The namespace of a host.</summary>
    public string this[int index] => $"kameo-h{index}-{_tag}";

    /// <summary>The address of a host.</summary>
    public static string Address(int index) => $"10.78.0.{(index + 1).ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Takes the cable between the bridges out.</summary>
    /// <returns>When it was out.</returns>
    public double Cut()
    {
        TwoHosts.Run("ip", "-n", Switches, "link", "set", "toFar", "down");
        return SharedClock.Now;
    }

    /// <summary>Lets through only what goes to the far side.</summary>
    /// <returns>When it was so.</returns>
    public double CutFromFar()
    {
        TwoHosts.Run("tc", "-n", Switches, "qdisc", "replace", "dev", "toNear", "root", "blackhole");
        return SharedClock.Now;
    }

    /// <summary>Everything goes through again.</summary>
    /// <returns>Since when.</returns>
    public double Heal()
    {
        TwoHosts.Run("ip", "-n", Switches, "link", "set", "toFar", "up");
        if (TwoHosts.Run("tc", "-n", Switches, "qdisc", "show", "dev", "toNear").Contains("blackhole", StringComparison.Ordinal))
        {
            TwoHosts.Run("tc", "-n", Switches, "qdisc", "delete", "dev", "toNear", "root");
        }

        WaitUntilUp();
        return SharedClock.Now;
    }

    /// <summary>Takes the cable of one host out.</summary>
    public void CutHost(int index) => TwoHosts.Run("ip", "-n", Switches, "link", "set", $"port{index}", "down");

    /// <summary>Lets nothing through to one host; what it sends goes on.</summary>
    public void CutToHost(int index) => TwoHosts.Run("tc", "-n", Switches, "qdisc", "replace", "dev", $"port{index}", "root", "blackhole");

    /// <summary>Ends <see cref="CutHost"/>; it does not wait until the kernel reports the link as up.</summary>
    public void HealHost(int index) => TwoHosts.Run("ip", "-n", Switches, "link", "set", $"port{index}", "up");

    /// <summary>Ends <see cref="CutToHost"/>.</summary>
    public void HealToHost(int index) => TwoHosts.Run("tc", "-n", Switches, "qdisc", "delete", "dev", $"port{index}", "root");

    public void Dispose()
    {
        foreach (string made in _namespaces)
        {
            TwoHosts.Run("ip", "netns", "delete", made);
        }
    }

    private void Build(int near, int far)
    {
        Add(Switches);
        foreach (string bridge in (string[])["near", "far"])
        {
            TwoHosts.Run("ip", "-n", Switches, "link", "add", bridge, "type", "bridge", "forward_delay", "0");
            TwoHosts.Run("ip", "-n", Switches, "link", "set", bridge, "up");
        }

        TwoHosts.Run("ip", "-n", Switches, "link", "add", "toFar", "type", "veth", "peer", "name", "toNear");
        TwoHosts.Run("ip", "-n", Switches, "link", "set", "toFar", "master", "near", "up");
        TwoHosts.Run("ip", "-n", Switches, "link", "set", "toNear", "master", "far", "up");
        for (int index = 0; index < near + far; index++)
        {
            Add(this[index]);
            TwoHosts.Run("ip", "-n", Switches, "link", "add", $"port{index}", "type", "veth", "peer", "name", "eth0", "netns", this[index]);
            TwoHosts.Run("ip", "-n", Switches, "link", "set", $"port{index}", "master", index < near ? "near" : "far", "up");
            TwoHosts.Run("ip", "-n", this[index], "link", "set", "lo", "up");
            TwoHosts.Run("ip", "-n", this[index], "address", "add", $"{Address(index)}/24", "dev", "eth0");
            TwoHosts.Run("ip", "-n", this[index], "link", "set", "eth0", "up");
        }

        WaitUntilUp();
    }

    private void Add(string name)
    {
        TwoHosts.Run("ip", "netns", "add", name);
        _namespaces.Add(name);
    }

    /// <summary>The kernel reports a link as up some time after it was set up.</summary>
    private void WaitUntilUp()
    {
        long start = Environment.TickCount64;
        while (TwoHosts.Run("ip", "-n", Switches, "-o", "link").Split('\n').Any(static line => line.Contains(" master ", StringComparison.Ordinal) && !line.Contains("state UP", StringComparison.Ordinal)))
        {
            Assert.True(Environment.TickCount64 - start < NodeProcess.Deadline.TotalMilliseconds, "the links did not come up");
        }
    }
}
