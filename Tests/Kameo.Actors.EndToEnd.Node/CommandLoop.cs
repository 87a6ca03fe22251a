using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kameo.Actors.EndToEnd.Node.Counting;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>Reads a command a line from standard input, on a thread of its own so that a full thread pool does not hold it up, and answers each with one event.</summary>
internal sealed class CommandLoop(TransportNode node, EventWriter events, CountLoad? counts = null)
{
    private readonly Dictionary<string, NameRegistration> _names = new(StringComparer.Ordinal);
    private readonly Burn _burn = new();
    private readonly ServingWatch _serving = new(node.Membership!, events);
    private readonly NameLoad _load = new(node, events);
    private readonly TellSink _sink = new(events);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the node is to leave.</summary>
    public Task RunAsync()
    {
        new Thread(Read) { IsBackground = true, Name = "commands" }.Start();
        return _ended.Task;
    }

    private void Read()
    {
        while (Console.In.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
            {
                continue;
            }

            if (words[0] == "leave")
            {
                break;
            }

            if (words[0] == "exit")
            {
                Environment.Exit(0);
            }

            try
            {
                Do(words);
            }
            catch (Exception exception)
            {
                events.Write("error", new JsonObject { ["command"] = words[0], ["type"] = exception.GetType().Name, ["message"] = exception.Message });
            }
        }

        _ended.TrySetResult();
    }

    private void Do(string[] words)
    {
        NodeMembership membership = node.Membership!;
        switch (words)
        {
            case ["status"]:
                Report(membership.GetStatusAsync().GetAwaiter().GetResult());
                return;
            case ["serving", ..]:
                _serving.Start(tight: words is [_, "tight"]);
                break;
            case ["evict", var peer]:
                membership.EvictAsync(PeerId.Parse(peer, null)).GetAwaiter().GetResult();
                break;
            case ["reform"]:
                membership.ReformAsync().GetAwaiter().GetResult();
                break;
            case ["rejoin"]:
                membership.RejoinAsync().GetAwaiter().GetResult();
                break;
            case ["burn", "stop"]:
                _burn.Stop();
                break;
            case ["burn"]:
                _burn.Start();
                break;
            case ["now"]:
                events.Write("now");
                return;
            case ["register", var name, ..]:
                double at = events.Now;
                _names.Add(name, node.Register(name, Answer, priority: words is [_, _, "immediate"] ? RegistrationPriority.Immediate : RegistrationPriority.Normal));
                events.Write("registered", at);
                break;
            case ["sink", var name]:
                _names.Add(name, node.Register(name, _sink.Take));
                break;
            case ["sink-report"]:
                _sink.Report();
                return;
            case ["unregister", var name]:
                _names.Remove(name, out NameRegistration? registration);
                registration?.Dispose();
                break;
            case ["lookup", var name]:
                events.Write("found", new JsonObject { ["name"] = name, ["owners"] = new JsonArray([.. node.LookupAll(name).Select(static one => (JsonNode)one.Owner.ToString())]) });
                return;
            case ["await", var name, ..]:
                _load.Await(name, isGone: words is [_, _, "gone"]);
                return;
            case ["load", .. var names]:
                _load.Start(names);
                break;
            case ["count", var client, var actors] when counts is not null:
                counts.Start(int.Parse(client, CultureInfo.InvariantCulture), int.Parse(actors, CultureInfo.InvariantCulture));
                break;
            case ["count-probe", var client, var actors] when counts is not null:
                counts.Probe(int.Parse(client, CultureInfo.InvariantCulture), int.Parse(actors, CultureInfo.InvariantCulture));
                return;
            case ["count-stop"] when counts is not null:
                counts.Stop();
                return;
            case ["load-report"]:
                _load.Report();
                return;
            default:
                throw new ArgumentException($"'{string.Join(' ', words)}' is no command.");
        }

        events.Write("done", new JsonObject { ["command"] = words[0] });
    }

    private void Report(MembershipStatus status)
    {
        var line = (JsonObject)JsonNode.Parse(status.ToJson())!;
        line["isServing"] = node.Membership!.IsServing;
        line["text"] = status.ToString();
        line["connected"] = node.Peers.Count(static peer => peer.IsConnected);
        events.Write("status", line);
    }

    private ValueTask Answer(NameRequest request)
    {
        request.Reply(Encoding.UTF8.GetBytes(node.Id.ToString()));
        return default;
    }
}
