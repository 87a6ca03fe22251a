using System.Text.Json.Nodes;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node.Counting;

/// <summary>Looks at the status of a node over and over, and reports lives, views, settled epochs and leases as they change: what membership tells a layer above is told to the actors here.</summary>
internal sealed class StatusWatch(NodeMembership membership, EventWriter events)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(50);

    private string _incarnation = string.Empty;
    private (string Cluster, long Epoch) _view;
    private long _settled;
    private bool? _serves;

    /// <summary>Begins, on a thread of its own.</summary>
    public static void Start(NodeMembership membership, EventWriter events) =>
        new Thread(new StatusWatch(membership, events).Run) { IsBackground = true, Name = "status-watch" }.Start();

    private void Run()
    {
        using var pause = new ManualResetEventSlim(); // Never set: a thread of its own that rests.
        try
        {
            while (true)
            {
                Look(membership.GetStatusAsync().GetAwaiter().GetResult());
                pause.Wait(s_period);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or InvalidOperationException or TransportException)
        {
            // The node has stopped.
        }
    }

    private void Look(MembershipStatus status)
    {
        if (status.Incarnation != _incarnation)
        {
            _incarnation = status.Incarnation;
            _view = default;
            events.Write("life", new JsonObject { ["incarnation"] = _incarnation });
        }

        if (status.Epoch != 0 && _view != (status.Cluster, status.Epoch))
        {
            _view = (status.Cluster, status.Epoch);
            events.Write("view", new JsonObject
            {
                ["cluster"] = status.Cluster,
                ["epoch"] = status.Epoch,
                ["members"] = new JsonArray([.. status.Members.Select(static member => (JsonNode)member.Node)]),
                ["incarnations"] = new JsonArray([.. status.Members.Select(static member => (JsonNode)member.Incarnation)]),
                ["up"] = status.Members.Count(static member => member.State == "up"),
                ["stewards"] = status.Members.Count(static member => member.IsSteward),
            });
        }

        if (status.SettledEpoch != _settled)
        {
            _settled = status.SettledEpoch;
            events.Write("settled", new JsonObject { ["epoch"] = _settled });
        }

        if (membership.IsServing != _serves)
        {
            _serves = !(_serves ?? false);
            events.Write("serving", new JsonObject { ["serves"] = _serves, ["lastOtherwise"] = 0 });
        }
    }
}
