using Orleans;

namespace Kameo.Actors.Benchmarks;

/// <summary>What the typed benchmarks call.</summary>
public interface IEcho : IGrainWithIntegerKey
{
    ValueTask<byte[]> Echo(byte[] payload);

    ValueTask Count(byte[] payload);
}

/// <summary>Answers with what it got; counts tells.</summary>
[KeepAlive]
public sealed class EchoActor(Usage usage) : Actor, IEcho
{
    public ValueTask<byte[]> Echo(byte[] payload) => new(payload);

    public ValueTask Count(byte[] payload)
    {
        usage.AddTell();
        return default;
    }
}
