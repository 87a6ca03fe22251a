using System.Diagnostics;

namespace Kameo.Actors.Simulation.Tests;

/// <summary>A few seeds of the simulation at each run of the tests; many are a command of their own. And that its checkers bite.</summary>
public sealed class SeedTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task No_seed_breaks_a_promise() => Assert.Equal(0, await RunAsync("--seeds", "300"));

    [Fact]
    public async Task The_bytes_of_every_message_are_as_they_were() => Assert.Equal(0, await RunAsync("wire"));

    [Theory]
    [InlineData("term-forgotten")]
    [InlineData("hosts-from-gossip")]
    [InlineData("old-continuation")]
    [InlineData("busy-not-told")]
    [InlineData("records-stay")]
    [InlineData("no-closing")]
    [InlineData("no-recovery")]
    public async Task A_planted_bug_is_caught(string plant) => Assert.Equal(1, await RunAsync("--seeds", "40", "--plant", plant));

    [Fact]
    public async Task A_wrong_option_is_said() => Assert.NotEqual(0, await RunAsync("--plant", "no-such-bug"));

    private static async Task<int> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Kameo.Actors.Simulation.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(s_deadline);
            await Task.WhenAll(output, errors);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
