using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Kameo.Actors.Transport;

namespace Samples.PingPong;

/// <summary>The server's command line.</summary>
internal sealed class PingServerOptions
{
    private readonly Option<IPAddress> _listen = new("--listen")
    {
        Description = "The address to listen on; 0.0.0.0 is every one of this machine.",
        HelpName = "ADDRESS",
        DefaultValueFactory = static _ => IPAddress.Any,
        CustomParser = static result => Parse(result, static text => IPAddress.TryParse(text, out IPAddress? address) ? address : null, "is not an IP address")!,
    };

    private readonly Option<ushort> _port = new("--port")
    {
        Description = "The port to listen on; 0 takes a free one.",
        HelpName = "PORT",
        CustomParser = static result => Parse(result, static text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? (object)port : null, "is not a port: 0 to 65535") as ushort? ?? 0,
    };

    private readonly Option<string?> _key = new("--key") { Description = "The file of the server's secret key; made if it is missing. Without it the server has a new identity each time.", HelpName = "FILE" };

    private readonly Option<string?> _advertise = new("--advertise")
    {
        Description = "Where clients reach the server if that is not where it listens: a forwarded port, a container's host.",
        HelpName = "HOST:PORT",
        CustomParser = static result => Parse(result, static text => AddressText.TryParse(text, out _) ? text : null, "is not HOST:PORT"),
    };

    private readonly Option<string?> _secret = new("--secret") { Description = "Closed cluster: only who has the same text may connect. At least 12 characters.", HelpName = "TEXT" };

    private readonly Option<bool> _noMdns = new("--no-mdns") { Description = "Do not announce the server on the local network." };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON: one line when ready, one at the end." };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log to standard error." };

    private readonly Option<bool> _exitWithInput = new("--exit-with-input") { Description = "Leave when standard input ends.", Hidden = true };

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
        var command = new RootCommand("Answers pings and counts them, for as long as it lives. Clients find it by mDNS or by address.");
        foreach (Option option in new Option[] { _listen, _port, _key, _advertise, _secret, _noMdns, _json, _verbose, _exitWithInput })
        {
            command.Options.Add(option);
        }

        return command;
    }

    /// <summary>What was given.</summary>
    public PingServerSettings Read(ParseResult result) => new(
        new IPEndPoint(result.GetValue(_listen) ?? IPAddress.Any, result.GetValue(_port)),
        result.GetValue(_key),
        result.GetValue(_advertise),
        result.GetValue(_secret),
        !result.GetValue(_noMdns),
        result.GetValue(_json),
        result.GetValue(_verbose),
        result.GetValue(_exitWithInput));

    private static T? Parse<T>(ArgumentResult result, Func<string, T?> read, string wrong)
        where T : class
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

/// <summary>What the command line asked for.</summary>
internal sealed record PingServerSettings(IPEndPoint Listen, string? KeyFile, string? Advertise, string? Secret, bool Mdns, bool Json, bool Verbose, bool ExitWithInput);
