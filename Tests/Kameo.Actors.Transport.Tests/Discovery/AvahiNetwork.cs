using System.Diagnostics;

namespace Kameo.Actors.Transport.Tests.Discovery;

/// <summary>
/// A network namespace with Avahi in it, and a virtual Ethernet from here to there. All names are unique to this process; everything is
/// taken down on disposal. Avahi gets a message bus of its own and a private <c>/run/avahi-daemon</c>, so a system's Avahi is not in the way.
/// </summary>
internal sealed class AvahiNetwork : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private readonly string _namespace = $"kamdns{Environment.ProcessId}";
    private readonly string _folder = Directory.CreateTempSubdirectory("kamdns").FullName;
    private readonly List<Process> _processes = [];

    /// <summary>Our end of the cable.</summary>
    public string Interface { get; } = $"kam{Environment.ProcessId}a";

    /// <summary>The address of our end.</summary>
    public string Address { get; private set; } = "";

    private string FarInterface => $"kam{Environment.ProcessId}b";

    private string Bus => $"unix:path={_folder}/bus";

    public static async Task<AvahiNetwork> StartAsync()
    {
        AvahiNetwork network = new();
        try
        {
            await network.BuildAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>avahi-browse</c> and returns it: it prints a line for each event until it is killed.</summary>
    public Process StartBrowsing(string serviceType) => Start("ip", "netns", "exec", _namespace, "avahi-browse", "--resolve", "--parsable", serviceType);

    /// <summary>Has Avahi announce a service until the process is killed.</summary>
    public Process StartPublishing(string name, string serviceType, int port, params string[] text) =>
        Start("ip", ["netns", "exec", _namespace, "avahi-publish-service", name, serviceType, port.ToString(), .. text]);

    /// <summary>Reads lines until one satisfies, and fails if none does in time.</summary>
    public static async Task<string> ReadUntilAsync(Process process, Predicate<string> wanted)
    {
        List<string> lines = [];
        using CancellationTokenSource deadline = new(s_deadline);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                lines.Add(line);
                if (wanted(line))
                    return line;
            }
        }
        catch (OperationCanceledException)
        {
        }
        throw new InvalidOperationException($"The awaited line did not come. Lines:\n{string.Join('\n', lines)}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
        foreach (string[] command in (string[][])[["link", "del", Interface], ["netns", "del", _namespace]])
        {
            using Process process = Process.Start(new ProcessStartInfo("ip", command) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private async Task BuildAsync()
    {
        int third = Environment.ProcessId % 250;
        Address = $"10.213.{third}.1";
        await RunAsync("ip", "netns", "add", _namespace);
        await RunAsync("ip", "link", "add", Interface, "type", "veth", "peer", "name", FarInterface, "netns", _namespace);
        await RunAsync("ip", "addr", "add", $"{Address}/24", "dev", Interface);
        await RunAsync("ip", "link", "set", Interface, "up");
        await RunAsync("ip", "-n", _namespace, "addr", "add", $"10.213.{third}.2/24", "dev", FarInterface);
        await RunAsync("ip", "-n", _namespace, "link", "set", FarInterface, "up");
        await RunAsync("ip", "-n", _namespace, "link", "set", "lo", "up");

        await File.WriteAllTextAsync($"{_folder}/bus.conf", $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type>
              <listen>{Bus}</listen>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow user="*"/>
                <allow own="*"/>
                <allow send_destination="*"/>
                <allow receive_sender="*"/>
              </policy>
            </busconfig>
            """);
        await File.WriteAllTextAsync($"{_folder}/avahi.conf", """
            [server]
            host-name=kameo-avahi
            use-ipv4=yes
            use-ipv6=yes
            enable-dbus=yes
            [wide-area]
            enable-wide-area=no
            """);
        Process bus = Start("dbus-daemon", $"--config-file={_folder}/bus.conf", "--nofork", "--nopidfile", "--print-address");
        await ReadUntilAsync(bus, static line => line.StartsWith("unix:", StringComparison.Ordinal));
        // "ip netns exec" gives the command a mount namespace of its own, so this mount is seen by Avahi alone.
        Process avahi = Start("ip", "netns", "exec", _namespace, "sh", "-c",
            "mkdir -p /run/avahi-daemon && mount -t tmpfs tmpfs /run/avahi-daemon && "
            + $"exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f {_folder}/avahi.conf 2>&1");
        await ReadUntilAsync(avahi, static line => line.StartsWith("Server startup complete", StringComparison.Ordinal));
    }

    private Process Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = Bus;
        Process process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        Process process = Start(program, arguments);
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(s_deadline);
        await process.WaitForExitAsync().WaitAsync(s_deadline);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
        return output;
    }
}
