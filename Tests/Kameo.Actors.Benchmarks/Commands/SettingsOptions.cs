using System.CommandLine;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>The options that all benchmarks share, and their bounds.</summary>
internal sealed class SettingsOptions
{
    private readonly Option<int?> _inFlight = Bounded<int?>("--in-flight", "How many callers, 1 to 10,000; default 1,000, and 4 for handshakes", 1, 10_000);

    private readonly Option<int> _size = Bounded("--size", "Bytes of payload, 1 to 32,768", 1, 32_768, 64);

    private readonly Option<double> _seconds = Bounded("--seconds", "How long a round takes, 0.1 to 60", 0.1, 60, 2.0);

    private readonly Option<int?> _rounds = Bounded<int?>("--rounds", "Rounds that count, after one that does not, 1 to 100; default 5, and 9 for sequential", 1, 100);

    private readonly Option<TransportLoop> _loop = CreateLoop();

    private readonly Option<FileInfo?> _json = new("--json") { Description = "Write every round to this file.", HelpName = "FILE" };

    public SettingsOptions() => _json.Validators.Add(static result =>
    {
        if (result.GetValueOrDefault<FileInfo?>() is { } file && (file.Directory is not { Exists: true } || Directory.Exists(file.FullName)))
        {
            result.AddError($"--json: '{file}' is not a file in a folder that exists.");
        }
    });

    public static Option<TransportLoop> CreateLoop()
    {
        var option = new Option<TransportLoop>("--loop") { Description = "How our nodes read their sockets." };
        option.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !Enum.TryParse<TransportLoop>(result.Tokens[0].Value, ignoreCase: true, out _))
            {
                result.AddError($"--loop: '{result.Tokens[0].Value}' is none of {string.Join(", ", Enum.GetNames<TransportLoop>())}.");
            }
            else if (result.GetValueOrDefault<TransportLoop>() == TransportLoop.Epoll && !OperatingSystem.IsLinux())
            {
                result.AddError("--loop: Epoll is for Linux.");
            }
        });
        return option;
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_inFlight, _size, _seconds, _rounds, _loop, _json])
        {
            command.Options.Add(option);
        }
    }

    public Settings Read(ParseResult parsed) => new(
        parsed.GetValue(_inFlight),
        parsed.GetValue(_size),
        TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
        parsed.GetValue(_rounds),
        parsed.GetValue(_loop),
        parsed.GetValue(_json));

    private static Option<T> Bounded<T>(string name, string description, double least, double most, T? standard = default)
    {
        var option = new Option<T>(name) { Description = description + "." };
        if (standard is not null)
        {
            option.DefaultValueFactory = _ => standard;
        }

        option.Validators.Add(result =>
        {
            // Not-a-number is outside too.
            if (result.GetValueOrDefault<T>() is IConvertible value && !(value.ToDouble(null) is var number && number >= least && number <= most))
            {
                result.AddError(FormattableString.Invariant($"{name} must be {least:#,0.###} to {most:#,0.###}."));
            }
        });
        return option;
    }
}
