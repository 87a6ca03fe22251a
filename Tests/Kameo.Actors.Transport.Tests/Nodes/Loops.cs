namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Every loop of this platform: the same tests run over each.</summary>
public static class Loops
{
    public static TheoryData<TransportLoop> All => OperatingSystem.IsLinux() ? [TransportLoop.Portable, TransportLoop.Epoll, TransportLoop.IoUring] : [TransportLoop.Portable];
}
