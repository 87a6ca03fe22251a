using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>Reports lives and views with the moment of each; the control thread only notes them, a thread of its own writes.</summary>
internal sealed class ViewWatch : IMembershipObserver
{
    private readonly EventWriter _events;
    private readonly BlockingCollection<(string Name, double At, JsonObject More)> _noted = [];

    public ViewWatch(EventWriter events)
    {
        _events = events;
        new Thread(Write) { IsBackground = true, Name = "view-watch" }.Start();
    }

    public void OnLife(NodeLife life) => Note("life", new JsonObject { ["incarnation"] = Text(life.Self.Incarnation) });

    public void OnView(TransportNode node, View view, ViewCore? core) => Note("view", new JsonObject
    {
        ["cluster"] = view.Cluster.ToString(),
        ["epoch"] = view.Epoch,
        ["members"] = new JsonArray([.. view.Members.Select(static member => (JsonNode)member.Id.Peer.ToString())]),
        ["incarnations"] = new JsonArray([.. view.Members.Select(static member => (JsonNode)Text(member.Id.Incarnation))]),
        ["up"] = view.Members.Count(static member => member.State == MemberState.Up),
        ["stewards"] = view.Stewards.Count,
    });

    public void OnSettled(long epoch) => Note("settled", new JsonObject { ["epoch"] = epoch });

    public void OnLease(NodeLife life) => Note("lease", new JsonObject { ["incarnation"] = Text(life.Self.Incarnation) });

    public void OnLifeEnded(NodeLife life, LifeEnd reason) => Note("life-ended", new JsonObject { ["incarnation"] = Text(life.Self.Incarnation), ["reason"] = reason.ToString() });

    private static string Text(Incarnation incarnation) => incarnation.Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private void Note(string name, JsonObject more) => _noted.Add((name, _events.Now, more));

    private void Write()
    {
        foreach ((string name, double at, JsonObject more) in _noted.GetConsumingEnumerable())
        {
            _events.Write(name, at, more);
        }
    }
}
