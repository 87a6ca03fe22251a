namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Every loop of this platform: what concerns loops runs over each, and all other tests over one, which <c>KAMEO_TEST_LOOP</c> names; else the platform's default.</summary>
public static class Loops
{
    public static TransportLoop One { get; } = Environment.GetEnvironmentVariable("KAMEO_TEST_LOOP") is { Length: not 0 } name ? Enum.Parse<TransportLoop>(name, ignoreCase: true) : new TransportOptions().Loop;

    public static TheoryData<TransportLoop> All => OperatingSystem.IsLinux() ? [TransportLoop.Portable, TransportLoop.Epoll, TransportLoop.IoUring] : [TransportLoop.Portable];
}
