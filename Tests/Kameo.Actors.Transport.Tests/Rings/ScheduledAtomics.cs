using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Tests.Rings;

/// <summary>A fault put into the ring's surroundings to see that the exploration finds it.</summary>
internal enum PlantedBug
{
    None,
    PublishBeforeCopy,
    TornCompareExchange,
    NoFences,
    ReleaseWithoutLook,
}

/// <summary>Atomics whose every access is a step of an <see cref="Interleaver"/>.</summary>
internal readonly struct ScheduledAtomics(Interleaver interleaver, PlantedBug bug) : IRingAtomics
{
    public long Read(ref long location) => interleaver.Load(ref location);

    public void Write(ref long location, long value) => interleaver.StoreWord(ref location, value);

    public long CompareExchange(ref long location, long value, long comparand)
    {
        if (bug != PlantedBug.TornCompareExchange)
            return interleaver.CompareExchange(ref location, value, comparand);
        long seen = interleaver.Load(ref location);
        if (seen == comparand)
            interleaver.StoreWord(ref location, value);
        return seen;
    }

    public int ReadLength(ref int location) => interleaver.Load(ref location);

    public void WriteLength(ref int location, int length) => interleaver.StoreLength(ref location, length);

    public void Fence()
    {
        if (bug != PlantedBug.NoFences)
            interleaver.Fence();
    }

    public void Pause(ref SpinWait spinner) => interleaver.Wait();
}
