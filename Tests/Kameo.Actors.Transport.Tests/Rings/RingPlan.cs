namespace Kameo.Actors.Transport.Tests.Rings;

/// <summary>What one exploration does.</summary>
internal sealed record RingPlan
{
    public int CapacityBytes { get; init; } = 64;

    /// <summary>Where in the ring it begins: 56 makes a frame of 16 skip the last 8 bytes.</summary>
    public int StartAtBytes { get; init; }

    public int Producers { get; init; } = 2;

    public int FramesEach { get; init; } = 1;

    public int[] FrameBytes { get; init; } = [13];

    public int PeekBytes { get; init; } = 32;

    /// <summary>Whether others may run in the middle of a copy. Off where the copy is not the point and the states are many.</summary>
    public bool StepsInCopy { get; init; } = true;

    public bool Parks { get; init; }

    public int ParkTries { get; init; } = 1;

    public bool Closes { get; init; }

    public bool StoreBuffers { get; init; }

    public PlantedBug Bug { get; init; }
}
