using System.Text.Json;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>The samples as processes on loopback: every layer, nothing replaced.</summary>
public sealed class PingPongTests
{
    [Fact]
    public async Task A_client_with_its_own_server_finds_it_by_mdns_and_gets_every_answer()
    {
        await using SampleProcess client = SampleProcess.Client(null, "--with-server", "--delay", "0", "--count", "200", "--in-flight", "4", "--json");
        JsonElement report = client.ReadJson();
        Assert.Equal(0, await client.ExitAsync());
        Assert.Equal(200, report.GetProperty("pings").GetInt64());
        Assert.Equal(0, report.GetProperty("lost").GetInt64());
        Assert.Equal(200, report.GetProperty("server_count").GetInt64());
        Assert.Equal("mdns", report.GetProperty("found_by").GetString());
        foreach (string number in new[] { "total_ms", "mean_us", "p50_us", "p99_us", "max_us", "find_ms", "connect_ms" })
        {
            Assert.True(report.GetProperty(number).GetDouble() > 0, number);
        }

        Assert.Contains("anyone on the network may connect", client.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_run_again_continues_the_count_and_ctrl_c_leaves_cleanly()
    {
        await using SampleProcess server = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--no-mdns");
        JsonElement ready = server.ReadJson();
        string port = ready.GetProperty("port").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture);
        for (int run = 1; run <= 2; run++)
        {
            await using SampleProcess client = SampleProcess.Client(null, "--server-ip", "127.0.0.1", "--port", port, "--delay", "0", "--count", "50", "--json");
            JsonElement report = client.ReadJson();
            Assert.Equal(0, await client.ExitAsync());
            Assert.Equal(50 * run, report.GetProperty("server_count").GetInt64());
            Assert.Equal("address", report.GetProperty("found_by").GetString());
            Assert.Equal(ready.GetProperty("server_id").GetString(), report.GetProperty("server_id").GetString());
        }

        server.Interrupt();
        Assert.Equal(100, server.ReadJson().GetProperty("server_count").GetInt64());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task A_killed_server_costs_the_pings_under_way_and_the_same_client_goes_on_with_the_next()
    {
        string key = Path.Combine(Path.GetTempPath(), $"kameo-{Guid.NewGuid():n}.pem");
        try
        {
            SampleProcess server = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--no-mdns", "--key", key);
            JsonElement ready = server.ReadJson();
            string port = ready.GetProperty("port").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture);
            await using SampleProcess client = SampleProcess.Client(
                null, "--server-ip", "127.0.0.1", "--port", port, "--delay", "0", "--in-flight", "64", "--count", "600000", "--size", "256", "--server-id", ready.GetProperty("server_id").GetString()!);
            string before = client.ReadLine(); // Progress: pings have been answered.
            Assert.Contains("of 600000 pings", before, StringComparison.Ordinal);
            await server.KillAsync();
            await server.DisposeAsync();
            await using SampleProcess again = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--no-mdns", "--key", key, "--port", port);
            Assert.Equal(ready.GetProperty("server_id").GetString(), again.ReadJson().GetProperty("server_id").GetString());
            Assert.Equal(1, await client.ExitAsync());
            Assert.Contains("were lost on the way", client.Errors, StringComparison.Ordinal);
            again.Interrupt();
            Assert.True(again.ReadJson().GetProperty("server_count").GetInt64() > 0, "the new server got pings from the same client");
            Assert.Equal(0, await again.ExitAsync());
        }
        finally
        {
            File.Delete(key);
        }
    }

    [Fact]
    public async Task A_server_stopped_for_ten_seconds_costs_no_ping()
    {
        await using SampleProcess server = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--no-mdns");
        string port = server.ReadJson().GetProperty("port").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using SampleProcess client = SampleProcess.Client(null, "--server-ip", "127.0.0.1", "--port", port, "--delay", "0", "--in-flight", "64", "--count", "200000", "--timeout", "20s");
        client.ReadLine(); // Progress: pings have been answered.
        server.Pause();
        using (var stopped = new PeriodicTimer(TimeSpan.FromSeconds(10)))
        {
            await stopped.WaitForNextTickAsync();
        }

        server.Continue();
        Assert.Equal(0, await client.ExitAsync());
        Assert.DoesNotContain("lost", client.Errors, StringComparison.Ordinal);
        server.Interrupt();
        Assert.Equal(200_000, server.ReadJson().GetProperty("server_count").GetInt64());
    }

    [Fact]
    public async Task A_client_finds_its_own_cluster_among_others_of_the_network()
    {
        const string Secret = "of the second cluster";
        await using SampleProcess first = SampleProcess.Server(null, "--json", "--secret", "of the first cluster");
        await using SampleProcess second = SampleProcess.Server(null, "--json", "--secret", Secret);
        await using SampleProcess third = SampleProcess.Server(null, "--json");
        first.ReadJson();
        string? id = second.ReadJson().GetProperty("server_id").GetString();
        third.ReadJson();
        for (int run = 0; run < 3; run++)
        {
            await using SampleProcess client = SampleProcess.Client(null, "--secret", Secret, "--delay", "0", "--count", "2", "--json");
            Assert.Equal(0, await client.ExitAsync());
            Assert.Equal(id, client.ReadJson().GetProperty("server_id").GetString());
        }

        await using SampleProcess stranger = SampleProcess.Client(null, "--secret", "of no cluster at all", "--delay", "0", "--count", "2");
        Assert.Equal(1, await stranger.ExitAsync());
        Assert.Contains("wrong secret?", stranger.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_it_is_elsewhere_is_followed_where_it_was_found()
    {
        await using SampleProcess server = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--advertise", "nowhere.invalid:4711");
        string id = server.ReadJson().GetProperty("server_id").GetString()!;
        await using SampleProcess client = SampleProcess.Client(null, "--server-id", id, "--delay", "0", "--count", "2", "--json");
        Assert.Equal(0, await client.ExitAsync());
        Assert.Equal(2, client.ReadJson().GetProperty("pings").GetInt64());
    }

    [Fact]
    public async Task Another_identity_than_the_one_asked_for_is_refused()
    {
        await using SampleProcess server = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--no-mdns", "--verbose");
        string port = server.ReadJson().GetProperty("port").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using SampleProcess client = SampleProcess.Client(null, "--server-ip", "127.0.0.1", "--port", port, "--server-id", new string('a', 52), "--json");
        Assert.Equal(1, await client.ExitAsync());
        Assert.Contains("Wrong identity", client.Errors, StringComparison.Ordinal);
        await WaitForErrorAsync(server, "refused");
    }

    [Theory]
    [InlineData("another secret entirely")]
    [InlineData(null)]
    public async Task A_wrong_secret_is_refused_on_both_sides(string? secret)
    {
        await using SampleProcess server = SampleProcess.Server(null, "--json", "--listen", "127.0.0.1", "--no-mdns", "--verbose", "--secret", "the right secret of all");
        string port = server.ReadJson().GetProperty("port").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture);
        string[] arguments = ["--server-ip", "127.0.0.1", "--port", port, "--json", "--delay", "0"];
        await using (SampleProcess client = SampleProcess.Client(null, secret is null ? arguments : [.. arguments, "--secret", secret]))
        {
            Assert.Equal(1, await client.ExitAsync());
            Assert.Contains("Refused", client.Errors, StringComparison.Ordinal);
        }

        await WaitForErrorAsync(server, "refused");
        await using SampleProcess right = SampleProcess.Client(null, [.. arguments, "--secret", "the right secret of all"]);
        Assert.Equal(100, right.ReadJson().GetProperty("pings").GetInt64());
        Assert.Equal(0, await right.ExitAsync());
    }

    private static async Task WaitForErrorAsync(SampleProcess process, string text)
    {
        long start = Environment.TickCount64;
        while (!process.Errors.Contains(text, StringComparison.OrdinalIgnoreCase))
        {
            Assert.True(Environment.TickCount64 - start < SampleProcess.Deadline.TotalMilliseconds, $"no '{text}' in: {process.Errors}");
            await Task.Yield();
        }
    }
}
