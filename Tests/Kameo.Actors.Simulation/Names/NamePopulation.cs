using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Simulation.Names;

/// <summary>Which names there are in a run, and how large the registries are that hold them.</summary>
internal static class NamePopulation
{
    /// <summary>How many names: few, so that they are claimed by several nodes, taken back and claimed again all the time.</summary>
    private const int Names = 12;

    /// <summary>For three seeds of four; the fourth has the defaults. Small enough that most syncs take several messages, who sleeps needs a sweep, digests are split, and budgets run out.</summary>
    private static readonly RegistryLimits s_small = new()
    {
        NameBytesMax = 12, MetadataBytesMax = 24, ChunkBytesMax = 600, DigestBytesMax = 600, DigestRowsMax = 2, RemovalsMax = 6, PullsMax = 2, WantsPerPullMax = 4, EntriesPerNodeMax = 40,
        PushBytesPerSecondMax = 2_000, AnswerBytesPerSecondMax = 60_000,
    };

    private static readonly RegistryLimits s_defaults = new();

    public static RegistryLimits LimitsOf(ulong seed) => seed % 4 == 0 ? s_defaults : s_small;

    public static string Any(SimRandom random) => $"n{random.Next(Names)}";

    public static byte[] Metadata(SimRandom random) => new byte[random.Next(s_small.MetadataBytesMax)];
}
