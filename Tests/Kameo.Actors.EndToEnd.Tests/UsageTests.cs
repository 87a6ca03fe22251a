using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>Wrong usage: one clear line, and an exit code that says whose fault it is.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData(2, "--delay", "--delay", "soon")]
    [InlineData(2, "--count", "--count", "0")]
    [InlineData(2, "--count: 'many' is not a whole number of at least 1", "--count", "many")]
    [InlineData(2, "--size: '40000' is not a whole number of 0 to 32768", "--size", "40000")]
    [InlineData(2, "--port: 'x' is not a port", "--server-ip", "localhost", "--port", "x")]
    [InlineData(2, "--in-flight", "--in-flight", "-1")]
    [InlineData(2, "go together", "--port", "5")]
    [InlineData(2, "go together", "--server-ip", "localhost")]
    [InlineData(2, "is not an address", "--server-ip", "no host", "--port", "5")]
    [InlineData(2, "is not an address", "--server-ip", "localhost", "--port", "70000")]
    [InlineData(2, "is not a peer id", "--server-id", "me")]
    [InlineData(2, "--unheard-of", "--unheard-of")]
    [InlineData(2, "at least 12", "--secret", "short")]
    [InlineData(1, "No server", "--server-ip", "127.0.0.1", "--port", "1")]
    public async Task Of_the_client(int exitCode, string says, params string[] arguments)
    {
        await using SampleProcess client = SampleProcess.Client(null, arguments);
        Assert.Equal(exitCode, await client.ExitAsync());
        Assert.Contains(says, client.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", client.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "is not an IP address", "--listen", "here")]
    [InlineData(2, "--port: '70000' is not a port", "--port", "70000")]
    [InlineData(2, "is not HOST:PORT", "--advertise", "nowhere")]
    [InlineData(2, "at least 12", "--secret", "short")]
    [InlineData(1, "Cannot listen", "--listen", "203.0.113.7")]
    [InlineData(1, "key file", "--key", "/proc/version")]
    public async Task Of_the_server(int exitCode, string says, params string[] arguments)
    {
        await using SampleProcess server = SampleProcess.Server(null, [.. arguments, "--no-mdns"]);
        Assert.Equal(exitCode, await server.ExitAsync());
        Assert.Contains(says, server.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using SampleProcess server = SampleProcess.Server(null, "--listen", "127.0.0.1", "--port", port, "--no-mdns");
        Assert.Equal(1, await server.ExitAsync());
        Assert.Contains("in use", server.Errors, StringComparison.OrdinalIgnoreCase);
    }
}
