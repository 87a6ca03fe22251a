using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Tests.Rings;

public sealed class DrainFlagTests
{
    private sealed class Source : IDrainSource
    {
        public bool IsEmpty { get; set; } = true;
    }

    [Fact]
    public void OneTakesItUntilItIsReleased()
    {
        var flag = new DrainFlag<HardwareAtomics>();
        Assert.False(flag.IsRunning);
        Assert.True(flag.TryAcquire());
        Assert.True(flag.IsRunning);
        Assert.False(flag.TryAcquire());
        Assert.False(flag.Release(new Source()));
        Assert.False(flag.IsRunning);
        Assert.True(flag.TryAcquire());
    }

    [Fact]
    public void AWriterWithSomethingLeftMustGoOn()
    {
        var flag = new DrainFlag<HardwareAtomics>();
        Assert.True(flag.TryAcquire());
        Assert.True(flag.Release(new Source { IsEmpty = false }));
        Assert.True(flag.IsRunning);
        Assert.False(flag.TryAcquire());
    }
}
