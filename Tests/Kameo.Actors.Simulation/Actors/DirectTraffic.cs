namespace Kameo.Actors.Simulation.Actors;

/// <summary>Direct ways in one run: whether it has them, how tight they are, and how much went by them. In half of the seeds all calls go by owners, as those of a node do that knows as many ways as it may; these are the same runs as without.</summary>
internal sealed class DirectTraffic
{
    private const int FavouritesCount = 3;
    private const int TightLimit = 2;

    public DirectTraffic(Scenario scenario)
    {
        SimRandom random = new SimRandom(scenario.Seed).Fork(5);
        AreTaken = scenario.HasSlots && random.Chance(0.5);
        ActorId[] recorded = [.. Population.Actors.Where(static id => Population.IsRecorded(id))];
        random.Shuffle(recorded);
        Favourites = recorded[..FavouritesCount];
        Limit = random.Chance(0.25) ? TightLimit : int.MaxValue;
        LookForUnusedEvery = new TimeSpan(random.Ticks(300, 4000));
    }

    /// <summary>Whether owners tell where actors are, so that callers take direct ways.</summary>
    public bool AreTaken { get; }

    /// <summary>The actors that trains of calls are for.</summary>
    public IReadOnlyList<ActorId> Favourites { get; }

    /// <summary>How many ways a node may know.</summary>
    public int Limit { get; }

    /// <summary>How often ways that nothing took are looked for: much sooner than in earnest.</summary>
    public TimeSpan LookForUnusedEvery { get; }

    /// <summary>Ways that were found.</summary>
    public long Found { get; set; }

    /// <summary>Calls that were sent straight to the node of their actor.</summary>
    public long Sent { get; set; }

    /// <summary>Calls that a direct way kept on the node that they were made on.</summary>
    public long Here { get; set; }

    /// <summary>Calls that were sent straight to where their actor was not, or not for that stay any more.</summary>
    public long Strays { get; set; }
}
