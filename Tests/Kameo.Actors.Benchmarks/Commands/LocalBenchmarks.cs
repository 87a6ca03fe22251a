using Kameo.Actors.Benchmarks.Contenders;
using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>What is measured within one process.</summary>
internal static class LocalBenchmarks
{
    private const int Callers = 1000;

    public static IReadOnlyList<Section> Sections(Settings settings) => [LoneAsks(), ManyAsks(), Tells()];

    private static Section LoneAsks()
    {
        Contender actor = new("actor", Stacks.Local, WorkKind.LocalAsk, 1);
        Contender @object = new("interface call", Stacks.LocalObject, WorkKind.LocalAsk, 1);
        Contender channel = new("channel", Stacks.LocalChannel, WorkKind.LocalAsk, 1);
        return new Section(
            "Local asks of one caller",
            [actor, @object, channel],
            [
                new Finding("ns of an ask", () => Nanoseconds(actor), Goal.AtMost(60)),
                new Finding("ns of an interface call", () => Nanoseconds(@object)),
                new Finding("ns of an ask over a channel", () => Nanoseconds(channel)),
                Cpu("CPU ns of an ask", actor),
                Cpu("CPU ns of an interface call", @object),
                Cpu("CPU ns of an ask over a channel", channel),
                new Finding("bytes an ask", () => Finding.Median(actor, static round => round.ClientBytesPerMessage), Goal.AtMost(0.5)),
            ]);
    }

    private static Section ManyAsks()
    {
        Contender one = new("actor", Stacks.Local, WorkKind.LocalAsk, Callers);
        Contender each = new("actors, one a caller", Stacks.Local, WorkKind.LocalAskEach, Callers);
        Contender queued = new("actor, always queued", Stacks.LocalQueued, WorkKind.LocalAsk, Callers);
        Contender queuedEach = new("actors, one a caller, always queued", Stacks.LocalQueued, WorkKind.LocalAskEach, Callers);
        Contender channel = new("channel", Stacks.LocalChannel, WorkKind.LocalAsk, Callers);
        Contender channels = new("channels, one a caller", Stacks.LocalChannel, WorkKind.LocalAskEach, Callers);
        return new Section(
            "Local asks of many callers",
            [one, each, queued, queuedEach, channel, channels],
            [
                new Finding("asks a second of 1,000 actors", () => Rate(each), Goal.AtLeast(20_000_000)),
                new Finding("asks a second of one actor", () => Rate(one)),
                new Finding("asks a second of 1,000 actors, always queued", () => Rate(queuedEach), Goal.AtLeast(6_000_000)),
                new Finding("asks a second of one actor, always queued", () => Rate(queued), Goal.AtLeast(6_000_000)),
                Tail("p99 / p50, 1,000 actors", each),
                Tail("p99 / p50, one actor", one),
                Tail("p99 / p50, 1,000 actors, always queued", queuedEach),
                Tail("p99 / p50, one actor, always queued", queued),
                Finding.Rate("one actor / channel", one, null, channel),
                Finding.Rate("1,000 actors / channels", each, null, channels),
            ]);
    }

    private static Section Tells()
    {
        Contender large = new("actor, mailbox of 16,384", Stacks.LocalLarge, WorkKind.LocalTell, 1);
        Contender largeOfTwo = new("actor, mailbox of 16,384", Stacks.LocalLarge, WorkKind.LocalTell, 2);
        Contender usual = new("actor, mailbox of 1,024", Stacks.Local, WorkKind.LocalTell, 1);
        Contender usualOfTwo = new("actor, mailbox of 1,024", Stacks.Local, WorkKind.LocalTell, 2);
        Contender small = new("actor, mailbox of 64", Stacks.LocalSmall, WorkKind.LocalTell, 1);
        Contender smallOfTwo = new("actor, mailbox of 64", Stacks.LocalSmall, WorkKind.LocalTell, 2);
        Contender channel = new("channel of 16,384", Stacks.LocalChannel, WorkKind.LocalTell, 1);
        Contender channelOfTwo = new("channel of 16,384", Stacks.LocalChannel, WorkKind.LocalTell, 2);
        return new Section(
            "Local tells to one actor",
            [large, largeOfTwo, usual, usualOfTwo, small, smallOfTwo, channel, channelOfTwo],
            [
                Cpu("CPU ns of a tell, one sender", large),
                Cpu("CPU ns of a tell to a channel, one sender", channel),
                Finding.Rate("actor / channel, one sender", large, null, channel),
                Finding.Rate("actor / channel, two senders", largeOfTwo, null, channelOfTwo),
                new Finding("tells a second, one sender", () => Rate(large), Goal.AtLeast(20_000_000)),
                new Finding("tells a second, two senders", () => Rate(largeOfTwo), Goal.AtLeast(20_000_000)),
            ]);
    }

    private static double Rate(Contender contender) => Finding.Median(contender, static round => round.MessagesPerSecond);

    private static double Nanoseconds(Contender contender) => 1e9 / Rate(contender);

    private static Finding Cpu(string name, Contender contender) => new(name, () => 1000 * Finding.Median(contender, static round => round.CpuMicrosecondsPerMessage));

    private static Finding Tail(string name, Contender contender) =>
        new(name, () => Finding.Median(contender, static round => round.P99Microseconds) / Finding.Median(contender, static round => round.P50Microseconds));
}
