using System.Collections.Concurrent;
using System.Net;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Links.Uring;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>Two io_uring loops on loopback; null where the machine has none.</summary>
internal sealed class UringLinks : IDisposable
{
    private readonly UringMedium _here;
    private readonly UringMedium _there;
    private readonly ILinkListener _listener;
    private readonly BlockingCollection<ILink> _accepted = [];

    private UringLinks(UringMedium here, UringMedium there)
    {
        _here = here;
        _there = there;
        _listener = _there.Listen(new IPEndPoint(IPAddress.Loopback, 0), _accepted.Add);
    }

    /// <summary>What both loops use.</summary>
    public UringFeatures Features => _here.Features & _there.Features;

    public static UringLinks? Open(UringFeatures allowed = UringFeatures.All, IUringKernel? kernel = null, int bufferCount = UringBuffers.DefaultCount)
    {
        if (!UringMedium.TryStart(1, kernel ?? new LinuxUringKernel(), allowed, out UringMedium? here, out _, bufferCount))
        {
            return null;
        }

        Assert.True(UringMedium.TryStart(1, new LinuxUringKernel(), allowed, out UringMedium? there, out string? why, bufferCount), why);
        return new UringLinks(here, there);
    }

    /// <summary>Connects; neither end has been started.</summary>
    public async Task<(ILink Here, ILink There)> ConnectAsync()
    {
        ILink here = await _here.DialAsync(_listener.LocalEndPoint, CancellationToken.None).WaitAsync(TwoNodes.Deadline);
        Assert.True(_accepted.TryTake(out ILink? there, TwoNodes.Deadline));
        return (here, there);
    }

    /// <summary>Connects and starts both ends.</summary>
    public async Task<(LinkEnd Here, LinkEnd There)> OpenAsync(Action? receivedThere = null)
    {
        (ILink here, ILink there) = await ConnectAsync();
        var ends = (Here: new LinkEnd(here), There: new LinkEnd(there) { Received = receivedThere });
        here.Start(ends.Here);
        there.Start(ends.There);
        return ends;
    }

    /// <summary>Ends the loop that dialled, and returns when its thread has.</summary>
    public void DisposeHere() => _here.Dispose();

    public void Dispose()
    {
        _listener.Dispose();
        _here.Dispose();
        _there.Dispose();
    }
}
