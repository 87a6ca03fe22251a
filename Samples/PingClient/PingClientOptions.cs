using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport;

namespace Samples.PingPong;

/// <summary>The client's command line.</summary>
internal sealed class PingClientOptions
{
    private readonly Option<string?> _serverIp = new("--server-ip") { Description = "The server's address or host name; without it the server is looked for by mDNS.", HelpName = "HOST" };

    private readonly Option<int?> _port = new("--port")
    {
        Description = "The server's port, with --server-ip.",
        HelpName = "PORT",
        CustomParser = static result => Parse(result, Number, "is not a port: 1 to 65535"),
    };

    private readonly Option<PeerId?> _serverId = new("--server-id")
    {
        Description = "Who the server must be: the id that it prints.",
        HelpName = "ID",
        CustomParser = static result => Parse(result, static text => PeerId.TryParse(text, out PeerId id) ? id : (PeerId?)null, "is not a peer id: 52 characters of a-z and 2-7"),
    };

    private readonly Option<int> _count = WholeNumber("--count", "How many pings.", "N", 100, 1, int.MaxValue);

    private readonly Option<TimeSpan?> _delay = new("--delay")
    {
        Description = "Between two pings: 0, 500ms, 2s. [default: 2s]",
        HelpName = "TIME",
        CustomParser = static result => Parse<TimeSpan>(result, DurationText.TryParse, "is not a duration: 0, 500ms, 2s"),
    };

    private readonly Option<TimeSpan?> _timeout = new("--timeout")
    {
        Description = "How long to look for the server, and to wait for each answer. [default: 10s]",
        HelpName = "TIME",
        CustomParser = static result => Parse<TimeSpan>(result, static text => DurationText.TryParse(text) is { Ticks: > 0 } span ? span : null, "is not a duration above 0: 500ms, 10s"),
    };

    private readonly Option<int> _inFlight = WholeNumber("--in-flight", "How many pings may be under way at a time: 1 to 100,000.", "N", 1, 1, 100_000);

    private readonly Option<int> _size = WholeNumber("--size", "Bytes that each ping carries besides: 0 to 32,768.", "BYTES", 0, 0, 32 * 1024);

    private readonly Option<string?> _secret = new("--secret") { Description = "The text of a closed cluster.", HelpName = "TEXT" };

    private readonly Option<bool> _withServer = new("--with-server") { Description = "Start a server as a process of its own first, then find it like any other." };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object and nothing else." };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log to standard error." };

    /// <summary>The command, with all options.</summary>
    public RootCommand ToCommand()
    {
        _secret.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value.Length: < TrustPolicy.SecretLengthMin }])
            {
                result.AddError($"--secret has at least {TrustPolicy.SecretLengthMin} characters; a shorter one can be guessed.");
            }
        });
        var command = new RootCommand("Finds a ping server on the network, sends it pings, and says how long they took.");
        foreach (Option option in new Option[] { _serverIp, _port, _serverId, _count, _delay, _inFlight, _size, _secret, _timeout, _withServer, _json, _verbose })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            // A value that cannot be read is an error of its own, and must not be asked for here.
            bool hasAddress = result.GetResult(_serverIp) is not null;
            int? port = result.GetResult(_port) is { Tokens: [{ Value: var text }] } ? Number(text) : null;
            if (hasAddress != (result.GetResult(_port) is not null))
            {
                result.AddError("--server-ip and --port go together.");
            }
            else if (hasAddress && port is not null && !AddressText.TryParse(AddressOf(result.GetValue(_serverIp)!, port), out _))
            {
                result.AddError($"'{AddressOf(result.GetValue(_serverIp)!, port)}' is not an address: a host and a port of 1 to 65535.");
            }
            else if (hasAddress && result.GetResult(_withServer) is not null)
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
        Delay = result.GetValue(_delay) ?? TimeSpan.FromSeconds(2),
        Timeout = result.GetValue(_timeout) ?? TimeSpan.FromSeconds(10),
        InFlight = result.GetValue(_inFlight),
        PayloadBytes = result.GetValue(_size),
        Secret = result.GetValue(_secret),
        WithServer = result.GetValue(_withServer),
        Json = result.GetValue(_json),
        Verbose = result.GetValue(_verbose),
    };

    private static string AddressOf(string host, int? port) => IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{port}" : $"{host}:{port}";

    private static Option<int> WholeNumber(string name, string description, string helpName, int otherwise, int min, int max) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => Parse<int>(
            result,
            text => Number(text) is { } number && number >= min && number <= max ? number : null,
            max == int.MaxValue ? $"is not a whole number of at least {min}" : $"is not a whole number of {min} to {max}") ?? otherwise,
    };

    private static int? Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

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
