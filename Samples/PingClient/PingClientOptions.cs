using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport;

namespace Samples.PingPong;

/// <summary>The client's command line.</summary>
internal sealed class PingClientOptions
{
    private readonly Option<string?> _serverIp = new("--server-ip") { Description = "The server's address or host name; without it the server is looked for by mDNS.", HelpName = "HOST" };

    private readonly Option<int?> _port = new("--port") { Description = "The server's port, with --server-ip.", HelpName = "PORT" };

    private readonly Option<PeerId?> _serverId = new("--server-id")
    {
        Description = "Who the server must be: the id that it prints.",
        HelpName = "ID",
        CustomParser = static result => Parse(result, static text => PeerId.TryParse(text, out PeerId id) ? id : (PeerId?)null, "is not a peer id: 52 characters of a-z and 2-7"),
    };

    private readonly Option<int> _count = new("--count") { Description = "How many pings.", HelpName = "N", DefaultValueFactory = static _ => 100 };

    private readonly Option<TimeSpan> _delay = new("--delay")
    {
        Description = "Between two pings: 0, 500ms, 2s.",
        HelpName = "TIME",
        DefaultValueFactory = static _ => TimeSpan.FromSeconds(2),
        CustomParser = static result => Parse<TimeSpan>(result, DurationText.TryParse, "is not a duration: 0, 500ms, 2s") ?? default,
    };

    private readonly Option<TimeSpan> _timeout = new("--timeout")
    {
        Description = "How long to look for the server, and to wait for each answer.",
        HelpName = "TIME",
        DefaultValueFactory = static _ => TimeSpan.FromSeconds(10),
        CustomParser = static result => Parse<TimeSpan>(result, static text => DurationText.TryParse(text) is { Ticks: > 0 } span ? span : null, "is not a duration above 0: 500ms, 10s") ?? default,
    };

    private readonly Option<int> _inFlight = new("--in-flight") { Description = "How many pings may be under way at a time: 1 to 100,000.", HelpName = "N", DefaultValueFactory = static _ => 1 };

    private readonly Option<int> _size = new("--size") { Description = "Bytes that each ping carries besides: 0 to 32,768.", HelpName = "BYTES" };

    private readonly Option<string?> _secret = new("--secret") { Description = "The text of a closed cluster.", HelpName = "TEXT" };

    private readonly Option<bool> _withServer = new("--with-server") { Description = "Start a server as a process of its own first, then find it like any other." };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object and nothing else." };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log to standard error." };

    /// <summary>The command, with all options.</summary>
    public RootCommand ToCommand()
    {
        AtLeast(_count, 1);
        AtLeast(_inFlight, 1, 100_000);
        AtLeast(_size, 0, 32 * 1024);
        var command = new RootCommand("Finds a ping server on the network, sends it pings, and says how long they took.");
        foreach (Option option in new Option[] { _serverIp, _port, _serverId, _count, _delay, _inFlight, _size, _secret, _timeout, _withServer, _json, _verbose })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            bool hasAddress = result.GetResult(_serverIp) is not null;
            if (hasAddress != (result.GetResult(_port) is not null))
            {
                result.AddError("--server-ip and --port go together.");
            }
            else if (hasAddress && !AddressText.TryParse(AddressOf(result.GetValue(_serverIp)!, result.GetValue(_port)), out _))
            {
                result.AddError($"'{AddressOf(result.GetValue(_serverIp)!, result.GetValue(_port))}' is not an address: a host and a port of 1 to 65535.");
            }
            else if (hasAddress && result.GetValue(_withServer))
            {
                result.AddError("--with-server finds the server that it starts; it needs no address.");
            }
        });
        return command;
    }

    /// <summary>What was given.</summary>
    public PingClientSettings Read(ParseResult result) => new()
    {
        Address = result.GetValue(_serverIp) is { } host ? AddressOf(host, result.GetValue(_port)) : null,
        ServerId = result.GetValue(_serverId),
        Count = result.GetValue(_count),
        Delay = result.GetValue(_delay),
        Timeout = result.GetValue(_timeout),
        InFlight = result.GetValue(_inFlight),
        PayloadBytes = result.GetValue(_size),
        Secret = result.GetValue(_secret),
        WithServer = result.GetValue(_withServer),
        Json = result.GetValue(_json),
        Verbose = result.GetValue(_verbose),
    };

    private static string AddressOf(string host, int? port) => IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{port}" : $"{host}:{port}";

    private static void AtLeast(Option<int> option, int min, int max = int.MaxValue) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count != 0 && int.TryParse(result.Tokens[0].Value, out int value) && (value < min || value > max))
            {
                result.AddError(max == int.MaxValue ? $"{option.Name} must be at least {min}." : $"{option.Name} must be {min} to {max}.");
            }
        });

    private static T? Parse<T>(ArgumentResult result, Func<string, T?> read, string wrong)
        where T : struct
    {
        string text = result.Tokens.Count == 0 ? string.Empty : result.Tokens[0].Value;
        T? value = read(text);
        if (value is null)
        {
            result.AddError($"{(result.Parent as OptionResult)?.Option.Name}: '{text}' {wrong}.");
        }

        return value;
    }
}
