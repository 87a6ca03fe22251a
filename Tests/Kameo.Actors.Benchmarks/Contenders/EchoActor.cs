using Orleans;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>What the typed benchmarks call.</summary>
public interface IEcho : IGrainWithIntegerKey
{
    ValueTask<byte[]> Echo(byte[] payload);

    ValueTask Count(byte[] payload);
}

/// <summary>Answers with what it got; counts tells.</summary>
[KeepAlive]
public sealed class EchoActor(TellCount count) : Actor, IEcho
{
    public ValueTask<byte[]> Echo(byte[] payload) => new(payload);

    public ValueTask Count(byte[] payload)
    {
        count.Add();
        return default;
    }
}

/// <summary>How many tells have arrived.</summary>
public sealed class TellCount
{
    private long _value;

    /// <summary>Any thread.</summary>
    public long Value => Interlocked.Read(ref _value);

    /// <summary>One more. Any thread.</summary>
    public void Add() => Interlocked.Increment(ref _value);
}
