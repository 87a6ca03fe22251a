using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>The command line.</summary>
internal sealed class NodeCommand
{
    private readonly Option<IPEndPoint> _listen = new("--listen")
    {
        Description = "Where to listen, ADDRESS:PORT; port 0 takes a free one.",
        DefaultValueFactory = static _ => new IPEndPoint(IPAddress.Loopback, 0),
        CustomParser = static result => Parse(result, static text => IPEndPoint.TryParse(text, out IPEndPoint? address) ? address : null, "is not ADDRESS:PORT")!,
    };

    private readonly Option<string[]> _seeds = new("--seed") { Description = "Another node, HOST:PORT; may be given several times.", DefaultValueFactory = static _ => [] };

    private readonly Option<PeerId[]> _founders = new("--founder")
    {
        Description = "The id of a founder; may be given several times.",
        DefaultValueFactory = static _ => [],
        CustomParser = static result => [.. result.Tokens.Select(token => PeerId.Parse(token.Value, null))],
    };

    private readonly Option<string?> _key = new("--key") { Description = "The file of the node's secret key; made if it is missing." };

    private readonly Option<string?> _state = new("--state") { Description = "The node's state directory." };

    private readonly Option<string?> _secret = new("--secret") { Description = "The cluster's secret; without it anyone may connect." };

    private readonly Option<string> _cluster = new("--cluster") { Description = "The cluster's name.", DefaultValueFactory = static _ => "cluster-tests" };

    private readonly Option<MembershipProfile> _profile = new("--profile") { Description = "Which durations." };

    private readonly Option<ReformPolicy> _reform = new("--reform") { Description = "What to do when a majority of the stewards is gone." };

    private readonly Option<string?> _advertise = new("--advertise") { Description = "Where others reach the node, HOST:PORT." };

    private readonly Option<IPEndPoint?> _dns = new("--dns-server")
    {
        Description = "The DNS server to ask, ADDRESS:PORT; without it the operating system.",
        CustomParser = static result => Parse(result, static text => IPEndPoint.TryParse(text, out IPEndPoint? address) ? address : null, "is not ADDRESS:PORT"),
    };

    private readonly Option<IPEndPoint?> _nonsense = new("--nonsense")
    {
        Description = "Be no node, but a trusted peer that talks nonsense to this one, ADDRESS:PORT, until its input ends.",
        CustomParser = static result => Parse(result, static text => IPEndPoint.TryParse(text, out IPEndPoint? address) ? address : null, "is not ADDRESS:PORT"),
    };

    private readonly Option<bool> _mdns = new("--mdns") { Description = "Announce the node and find others by multicast DNS." };

    private readonly Option<string?> _witness = new("--witness") { Description = "Host actors that count, or call them as a client, and append reports of them to this file." };

    private readonly Option<bool> _client = new("--client") { Description = "Follow the cluster without being a member." };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log everything to standard error; otherwise warnings." };

    public RootCommand ToCommand()
    {
        var command = new RootCommand("One node with membership, which obeys lines on standard input and reports in lines of JSON. Ends with its input.");
        foreach (Option option in (Option[])[_listen, _seeds, _founders, _key, _state, _secret, _cluster, _profile, _reform, _advertise, _dns, _nonsense, _witness, _mdns, _client, _verbose])
        {
            command.Options.Add(option);
        }

        return command;
    }

    public NodeSettings Read(ParseResult result) => new()
    {
        Listen = result.GetValue(_listen)!,
        Seeds = result.GetValue(_seeds)!,
        Founders = result.GetValue(_founders)!,
        KeyFile = result.GetValue(_key),
        StateDirectory = result.GetValue(_state),
        Secret = result.GetValue(_secret),
        Cluster = result.GetValue(_cluster)!,
        Profile = result.GetValue(_profile),
        Reform = result.GetValue(_reform),
        Advertise = result.GetValue(_advertise),
        DnsServer = result.GetValue(_dns),
        NonsenseTo = result.GetValue(_nonsense),
        WitnessFile = result.GetValue(_witness),
        Mdns = result.GetValue(_mdns),
        IsClient = result.GetValue(_client),
        Verbose = result.GetValue(_verbose),
    };

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
