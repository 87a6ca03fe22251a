using Kameo.Actors.Transport.Links.Uring;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>Where io_uring is missing, forbidden or too old, the node reads by epoll and says so once.</summary>
public sealed class UringFallbackTests
{
    public static TheoryData<int, uint, int, string> Refusals => new()
    {
        { 38, 0, 0, "ENOSYS" },
        { 1, 0, 0, "EPERM" },
        { 13, 0, 0, "EACCES" },
        { 12, 0, 0, "RLIMIT_MEMLOCK" },
        { 24, 0, 0, "error 24" },
        { 0, 1u << 1, 0, "too old" },
        { 0, 1u << 5, 0, "too old" },
        { 0, 0, 1, "io_uring_enter failed with error 1" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refused_ring_is_one_line_in_the_log_and_the_node_works(int setupError, uint hidden, int enterError, string why)
    {
        if (!OperatingSystem.IsLinux() || (setupError == 0 && !IsAvailable()))
        {
            return; // The rest can only be played where a ring can be had.
        }

        var log = new CapturedLog();
        await using TwoNodes nodes = await TwoNodes.StartAsync(TransportLoop.IoUring, options =>
        {
            options.LoggerFactory = log;
            options.UringKernel = new StrictKernel { SetupError = setupError, HiddenFeatures = hidden, EnterError = enterError };
        });
        using NameRegistration echo = nodes.Server.Register("echo", static request =>
        {
            request.Reply(request.Payload.Span);
            return default;
        });
        using NameReply reply = await (await nodes.FindAsync("echo")).AskAsync(new byte[1_000]);
        Assert.Equal(1_000, reply.Payload.Length);
        string line = Assert.Single(log.Lines, static line => line.Contains("io_uring", StringComparison.Ordinal));
        Assert.Contains(why, line, StringComparison.Ordinal);
        Assert.EndsWith("reads its sockets by epoll instead.", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1u << 12, false, (int)(UringFeatures.BufferRing | UringFeatures.Multishot))]
    [InlineData((1u << 12) | (1u << 8), true, (int)UringFeatures.None)]
    public void An_older_kernel_is_used_as_far_as_it_goes(uint unknownFlags, bool refusesRegistration, int most)
    {
        var kernel = new StrictKernel { UnknownFlags = unknownFlags, RefusesRegistration = refusesRegistration };
        if (IsAvailable() && UringMedium.TryStart(1, kernel, UringFeatures.All, out UringMedium? medium, out _))
        {
            using (medium)
            {
                Assert.Equal(UringFeatures.None, medium.Features & ~(UringFeatures)most);
            }
        }
    }

    private static bool IsAvailable()
    {
        bool isAvailable = UringMedium.TryStart(1, new LinuxUringKernel(), UringFeatures.All, out UringMedium? medium, out _);
        medium?.Dispose();
        return isAvailable;
    }
}
