using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Actors;

/// <summary>An actor of the tests: counts, waits, throws.</summary>
public interface ICounter : IGrainWithStringKey
{
    ValueTask<long> Add(long amount);

    Task<long> AddAfter(long amount, Gate gate);

    ValueTask<string> Describe();

    ValueTask Fail(string kind);

    Task<Sample> Echo(Sample sample);

    Task WaitFor(CancellationToken cancellation);

    [OneWay]
    Task Note(int number);

    Task<IReadOnlyList<int>> Notes();

    [AskTimeout("00:00:00.2")]
    Task Sleep();

    [AlwaysInterleave]
    ValueTask<long> Peek();

    ValueTask Leave();
}

/// <summary>Names a gate of the process: how a test holds a turn.</summary>
public sealed record Gate(int Number);

/// <summary>Many types in one message.</summary>
public sealed record Sample(
    string Text, int Number, Guid Id, DateTime When, TimeSpan Length, byte[] Bytes, int? Missing, (int, string) Pair, List<string> Names, Dictionary<string, int[]> Table, Colour Colour, Sample? Inner)
{
    public double Extra { get; init; }
}

public enum Colour : byte
{
    Red,
    Green = 200,
}
