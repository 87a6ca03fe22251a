using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>The options that all benchmarks share, and their bounds.</summary>
internal sealed class SettingsOptions
{
    private const int SizeBytes = 64;
    private const double Seconds = 2;

    private readonly Option<int?> _inFlight = Bounded("--in-flight", "How many callers", 1, 10_000, "1,000; 4 for handshakes; 4 and 1,000 for tells");
    private readonly Option<int?> _size = Bounded("--size", "Bytes of payload", 1, 32_768, $"{SizeBytes}");
    private readonly Option<double?> _seconds = Bounded("--seconds", "How long a round takes", 0.1, 60, $"{Seconds}");
    private readonly Option<int?> _rounds = Bounded("--rounds", "Rounds that count, after one that does not", 1, 100, "5; 9 for sequential");
    private readonly Option<TransportLoop> _loop = CreateLoop();
    private readonly Option<string?> _only = new("--only") { Description = "Only contenders whose name has this in it; the others are left out.", HelpName = "TEXT" };
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Writes every round to this file.", HelpName = "FILE" };

    public static Option<TransportLoop> CreateLoop() => new("--loop")
    {
        Description = $"How our nodes read their sockets: {string.Join(", ", Enum.GetNames<TransportLoop>())}.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => new TransportOptions().Loop,
        CustomParser = static result =>
        {
            string name = result.Tokens[0].Value;
            bool isKnown = Enum.GetNames<TransportLoop>().Contains(name, StringComparer.OrdinalIgnoreCase);
            TransportLoop loop = isKnown ? Enum.Parse<TransportLoop>(name, ignoreCase: true) : default;
            if (!isKnown)
            {
                result.AddError($"--loop must be one of {string.Join(", ", Enum.GetNames<TransportLoop>())}, not '{name}'.");
            }
            else if (loop is TransportLoop.Epoll or TransportLoop.IoUring && !OperatingSystem.IsLinux())
            {
                result.AddError($"--loop {loop} is for Linux.");
            }

            return loop;
        },
    };

    public void AddTo(Command command, bool takesInFlight)
    {
        Option[] inFlight = takesInFlight ? [_inFlight] : [];
        foreach (Option option in (Option[])[.. inFlight, _size, _seconds, _rounds, _loop, _only, _json])
        {
            command.Options.Add(option);
        }
    }

    public Settings Read(ParseResult parsed) => new(
        parsed.GetValue(_inFlight),
        parsed.GetValue(_size) ?? SizeBytes,
        TimeSpan.FromSeconds(parsed.GetValue(_seconds) ?? Seconds),
        parsed.GetValue(_rounds),
        parsed.GetValue(_loop),
        parsed.GetValue(_only),
        parsed.GetValue(_json));

    /// <summary>A number between bounds; null when it was not given.</summary>
    public static Option<T?> Bounded<T>(string name, string description, T least, T most, string standard)
        where T : struct, INumber<T>
    {
        string bounds = string.Create(CultureInfo.InvariantCulture, $"{least:#,0.#} to {most:#,0.#}");
        return new Option<T?>(name)
        {
            Description = $"{description}, {bounds}. [default: {standard}]",
            HelpName = "NUMBER",
            CustomParser = result => Parse(result, name, least, most, bounds),
        };
    }

    private static T? Parse<T>(ArgumentResult result, string name, T least, T most, string bounds)
        where T : struct, INumber<T>
    {
        // What is no number is outside of every bound.
        if (T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out T value) && value >= least && value <= most)
        {
            return value;
        }

        result.AddError($"{name} must be {bounds}, not '{result.Tokens[0].Value}'.");
        return null;
    }
}
