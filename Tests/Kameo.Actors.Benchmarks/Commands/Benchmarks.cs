using Kameo.Actors.Benchmarks.Contenders;
using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>Every benchmark: a list of contenders, and what is read off them. A new one is a method and a line in <see cref="All"/>.</summary>
internal static class Benchmarks
{
    private const int InFlight = 1000;
    private const int TellersInFlight = 4;
    private const int DiallersInFlight = 4;
    private const double Mebibyte = 1024 * 1024;

    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new("peers", "Asks of ours beside HTTP/2, SslStream, our bare TLS session and C with OpenSSL.", 5, Peers),
        new("sequential", "One ask at a time, timed one by one: ours beside the same.", 9, Sequential) { TakesInFlight = false },
        new("remote-ask", "Asks: typed through a generated reference, and raw bytes to a name with a handler.", 5, RemoteAsk),
        new("remote-tell", "Tells to one actor, counted at the receiver.", 5, RemoteTell),
        new("bulk", "One stream: ours beside bare sessions, in MiB a second.", 5, Bulk) { TakesInFlight = false },
        new("mixed", "Pings beside a stream: ours beside a bare session.", 5, Mixed) { TakesInFlight = false },
        new("handshake", "New connections, each with one answer: ours beside SslStream.", 5, Handshake),
        new("local", "Asks and tells within one process: actors beside an interface call and a channel.", 5, LocalBenchmarks.Sections) { TakesInFlight = false },
    ];

    private static IReadOnlyList<Section> Peers(Settings settings)
    {
        int inFlight = settings.InFlight ?? InFlight;
        Contender typed = new("Kameo typed ask", Stacks.Kameo, WorkKind.TypedAsk, inFlight);
        Contender raw = new("Kameo raw ask", Stacks.Kameo, WorkKind.RawAsk, inFlight);
        Contender[] http2 = [.. new[] { 100, inFlight }.Distinct().Select(static count => new Contender("HTTP/2 unary", Stacks.Http2, WorkKind.Echo, count))];
        Contender sslStream = CreateEcho("SslStream echo", Stacks.SslStream, inFlight, settings);
        Contender session = CreateEcho("Kameo TLS session echo", Stacks.TlsSession, inFlight, settings);
        Contender floor = CreateEcho("C OpenSSL echo", Stacks.Floor, inFlight, settings);
        var many = new Section(
            "Many in flight",
            [typed, raw, .. http2, sslStream, session, floor],
            [
                new Finding("typed asks a second", () => Finding.Median(typed, static round => round.MessagesPerSecond), Goal.AtLeast(1_500_000)),
                new Finding("CPU us of a typed ask, both ends", () => Finding.Median(typed, static round => round.CpuMicrosecondsPerMessage), Goal.AtMost(1.3)),
                new Finding("raw asks a second", () => Finding.Median(raw, static round => round.MessagesPerSecond), Goal.AtLeast(3_000_000)),
                new Finding("bytes allocated for a raw ask, both ends", () => Finding.Median(raw, static round => round.ClientBytesPerMessage + round.ServerBytesPerMessage), Goal.AtMost(0.5)),
                Finding.Rate("typed ask / HTTP/2 at its best", typed, Goal.AtLeast(15), http2),
                Finding.Rate("raw ask / HTTP/2 at its best", raw, null, http2),
                Finding.Rate("typed ask / SslStream echo", typed, null, sslStream),
                Finding.Rate("our TLS session / C", session, Goal.AtLeast(0.85), floor),
                Finding.Rate("SslStream / C", sslStream, null, floor),
            ]);
        return [many, OneAtATime([])];
    }

    private static IReadOnlyList<Section> Sequential(Settings settings) =>
    [
        OneAtATime(
        [
            new("Kameo TLS session echo", Stacks.TlsSession, WorkKind.Echo, 1),
            new("SslStream echo, blocking", Stacks.SslStreamBlocking, WorkKind.Echo, 1),
            new("HTTP/2 unary", Stacks.Http2, WorkKind.Echo, 1),
        ]),
    ];

    private static Section OneAtATime(Contender[] more)
    {
        Contender typed = new("Kameo typed ask", Stacks.Kameo, WorkKind.TypedAsk, 1);
        Contender raw = new("Kameo raw ask", Stacks.Kameo, WorkKind.RawAsk, 1);
        Contender sslStream = new("SslStream echo", Stacks.SslStream, WorkKind.Echo, 1);
        Contender floor = new("C OpenSSL echo", Stacks.Floor, WorkKind.Echo, 1);
        return new Section(
            "One at a time",
            [typed, raw, sslStream, floor, .. more],
            [
                Finding.Latency("p50, typed ask / SslStream echo", typed, sslStream, Goal.AtMost(1.15)),
                Finding.Latency("p50, raw ask / SslStream echo", raw, sslStream),
                Finding.Latency("p50, typed ask / C", typed, floor),
                .. more.Select(one => Finding.Latency($"p50, typed ask / {one.Name}", typed, one)),
            ]);
    }

    private static IReadOnlyList<Section> RemoteAsk(Settings settings)
    {
        int inFlight = settings.InFlight ?? InFlight;
        return
        [
            new Section(
                "Asks",
                [new("Kameo typed ask", Stacks.Kameo, WorkKind.TypedAsk, inFlight), new("Kameo raw ask", Stacks.Kameo, WorkKind.RawAsk, inFlight)],
                []),
        ];
    }

    private static IReadOnlyList<Section> RemoteTell(Settings settings)
    {
        int[] senders = settings.InFlight is { } inFlight ? [inFlight] : [TellersInFlight, InFlight];
        Contender[] tells = [.. senders.Select(static count => new Contender("Kameo tell", Stacks.Kameo, WorkKind.Tell, count))];
        return
        [
            new Section(
                "Tells, counted at the receiver",
                tells,
                [new Finding("tells a second, at their best", () => tells.Max(static one => Finding.Median(one, static round => round.MessagesPerSecond)), Goal.AtLeast(5_000_000))]),
        ];
    }

    private static IReadOnlyList<Section> Bulk(Settings settings)
    {
        Contender ours = new("Kameo stream", Stacks.Kameo, WorkKind.Bulk, 1);
        Contender session = new("Kameo TLS session, one way", Stacks.TlsSessionMix, WorkKind.Bulk, 1);
        Contender sslStream = new("SslStream, one way", Stacks.SslStreamMix, WorkKind.Bulk, 1);
        return
        [
            new Section(
                "One stream, messages of 1 MiB",
                [ours, session, sslStream],
                [
                    Finding.Rate("our stream / our TLS session", ours, Goal.AtLeast(0.8), session),
                    Finding.Rate("our stream / SslStream", ours, null, sslStream),
                    new Finding("MiB streamed a round", () => Finding.Median(ours, static round => round.Messages)),
                    new Finding("MiB by which both ends grew from the first round to the last", () => ours.Rounds is [var first, .., var last] ? (last.WorkingSetBytes - first.WorkingSetBytes) / Mebibyte : double.NaN, Goal.AtMost(16)),
                ]),
        ];
    }

    private static IReadOnlyList<Section> Mixed(Settings settings)
    {
        Contender quiet = new("Kameo ping", Stacks.Kameo, WorkKind.Ping, 1);
        Contender full = new("Kameo ping beside a stream", Stacks.Kameo, WorkKind.PingBesideBulk, 1);
        Contender half = new("Kameo ping beside a stream at half its rate", Stacks.Kameo, WorkKind.PingBesideHalf, 1);
        Contender bareQuiet = new("TLS session ping", Stacks.TlsSessionMix, WorkKind.Ping, 1);
        Contender bareFull = new("TLS session ping beside bulk", Stacks.TlsSessionMix, WorkKind.PingBesideBulk, 1);
        return
        [
            new Section(
                "Pings beside a stream",
                [quiet, full, half, bareQuiet, bareFull],
                [
                    new Finding("p99 beside half a stream / alone", () => P99(half) / P99(quiet), Goal.AtMost(3)),
                    new Finding("p99 beside a stream / the bare session's", () => P99(full) / P99(bareFull), Goal.AtMost(1.5)),
                ]),
        ];

        static double P99(Contender contender) => Finding.Median(contender, static round => round.P99Microseconds);
    }

    private static IReadOnlyList<Section> Handshake(Settings settings)
    {
        int diallers = settings.InFlight ?? DiallersInFlight;
        Contender ours = new("Kameo, Ed25519, both sides proven", Stacks.Kameo, WorkKind.Handshake, diallers);
        Contender mutual = new("SslStream, ECDSA P-256, both sides proven", Stacks.SslStreamMutual, WorkKind.Handshake, diallers);
        Contender ecdsa = new("SslStream, ECDSA P-256", Stacks.SslStream, WorkKind.Handshake, diallers);
        Contender rsa = new("SslStream, RSA 2048", Stacks.SslStreamRsa, WorkKind.Handshake, diallers);
        return
        [
            new Section(
                "New connections",
                [ours, mutual, ecdsa, rsa],
                [
                    Finding.Rate("ours / SslStream, ECDSA, both sides proven", ours, null, mutual),
                    Finding.Rate("ours / SslStream, ECDSA", ours, null, ecdsa),
                    Finding.Rate("ours / SslStream, RSA", ours, null, rsa),
                ]),
        ];
    }

    private static Contender CreateEcho(string name, IStack stack, int inFlight, Settings settings) =>
        new(name, stack, WorkKind.Echo, FrameEcho.FramesInFlight(inFlight, settings.SizeBytes));
}
