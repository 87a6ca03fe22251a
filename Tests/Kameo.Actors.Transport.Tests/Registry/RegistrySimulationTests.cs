using System.Diagnostics;
using Kameo.Actors.Transport.Registry;
using Xunit.Abstractions;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>Many seeds of faults. <c>KAMEO_REGISTRY_SEED=n</c> runs that one alone, <c>KAMEO_REGISTRY_SEEDS=n</c> so many.</summary>
public sealed class RegistrySimulationTests(ITestOutputHelper output)
{
    private const int SeedCount = 600;
    private const int PlantedSeedsMax = 200;

    [Fact]
    public void Whatever_fails_nothing_removed_comes_back_and_all_agree_after_the_heal()
    {
        int first = Setting("KAMEO_REGISTRY_SEED") ?? 1;
        int count = Setting("KAMEO_REGISTRY_SEEDS") ?? (Setting("KAMEO_REGISTRY_SEED") is null ? SeedCount : 1);
        var clock = Stopwatch.StartNew();
        var healed = new List<double>();
        (long messages, long sweeps, long gaps, int ends, int incarnations) = (0, 0, 0, 0, 0);
        for (int seed = first; seed < first + count; seed++)
        {
            var chaos = new RegistryChaos(seed);
            healed.Add(chaos.Run().TotalSeconds);
            messages += chaos.Messages;
            sweeps += chaos.Sweeps;
            gaps += chaos.Gaps;
            ends += chaos.Ends;
            incarnations += chaos.Incarnations;
        }

        healed.Sort();
        output.WriteLine($"{count} seeds in {clock.Elapsed.TotalSeconds:F1} s: {incarnations} incarnations, {messages} messages, {gaps} gaps, {sweeps} parts of sweeps, {ends} waits; "
            + $"known everywhere after the heal within {healed[healed.Count / 2]:F2} s (median), {healed[healed.Count * 99 / 100]:F2} s (99 %), {healed[^1]:F2} s (all)");
        Assert.True(count < SeedCount || (sweeps > count && gaps > count && ends > count), "the runs no longer meet what they are for");
    }

    [Theory]
    [InlineData(RegistryFlaws.JumpGaps)]
    [InlineData(RegistryFlaws.TrustShortLogs)]
    [InlineData(RegistryFlaws.KeepGoneWriters)]
    [InlineData(RegistryFlaws.ForgetJoiners)]
    internal void A_planted_bug_is_caught(RegistryFlaws flaw)
    {
        for (int seed = 1; seed <= PlantedSeedsMax; seed++)
        {
            try
            {
                new RegistryChaos(seed, flaw).Run();
            }
            catch (RegistryViolation violation)
            {
                output.WriteLine($"{flaw}: {violation.Message}");
                return;
            }
        }

        Assert.Fail($"{flaw} went unnoticed for {PlantedSeedsMax} seeds");
    }

    [Fact]
    public void The_same_seed_is_the_same_run()
    {
        var first = new RegistryChaos(7);
        var second = new RegistryChaos(7);
        Assert.Equal(first.Run(), second.Run());
        Assert.Equal((first.Messages, first.Gaps, first.Sweeps, first.Ends), (second.Messages, second.Gaps, second.Sweeps, second.Ends));
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : null;
}
