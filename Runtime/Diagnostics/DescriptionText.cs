using System.Globalization;
using System.Text;

namespace Kameo.Actors.Diagnostics;

/// <summary>Writes a description as a page of text.</summary>
internal static class DescriptionText
{
    /// <summary>Writes it.</summary>
    public static string Write(ActorNodeDescription node)
    {
        var text = new StringBuilder();
        Line(text, $"node {node.Node} of cluster '{node.Cluster}', {(node.Address is { } address ? $"listening on {address}" : "dialling only")}, {(node.IsServing ? "serving" : "not serving")}");
        Line(text, $"{node.Activations} actors, {node.RunningTurns} turns running, {node.QueuedCalls} calls queued, {node.WaitingAsks} asks waiting");
        if (node.Membership is { } cluster)
        {
            string lease = cluster.LeaseSeconds is { } left ? string.Create(CultureInfo.InvariantCulture, $"lease for {left:0.0} s") : "no lease";
            Line(text, $"cluster {cluster.Id?[..8] ?? "none"} at epoch {cluster.Epoch}, led by {cluster.Leader ?? "nobody known"}, {lease}, {cluster.Suspects} suspects{(cluster.IsHalted ? ", HALTED" : string.Empty)}, {cluster.Members} members:");
            foreach (MemberDescription member in cluster.Oldest)
            {
                Line(text, $"  {member.Node}: {member.State}, {member.Address}{(member.IsSteward ? ", steward" : string.Empty)}");
            }
        }

        Section(text, "classes", node.Classes, static one => $"{one.Name}: {one.Activations} actors, {one.RunningTurns} turns, {one.QueuedCalls} queued");
        Section(text, "busiest", node.Busiest, Activation);
        Section(text, "longest queues", node.LongestQueues, Activation);
        Section(text, "waiting", node.Waits, static one => $"{one.Caller ?? "(outside of actors)"} waits for {one.Target}.{one.Method[(one.Method.LastIndexOf('.') + 1)..]}{(one.Node is null ? string.Empty : $" on {one.Node}")}, at most {Seconds(one.TimeLeft)} more");
        Section(text, "waiting for each other", node.Cycles, static one => string.Join(" -> ", one.Append(one[0])));
        Section(text, "peers", node.Peers, static one => $"{one.Node}: {(one.IsConnected ? $"connected, {one.Address}" : "not connected")}, {one.WaitingAsks} asks waiting, {one.WaitingRequests} requests to send");
        TransportDescription transport = node.Transport;
        Line(text, $"transport: {transport.Connections} connections, {transport.WaitingAsks} asks waiting, {transport.WaitingRequests} requests to send, {transport.Streams} streams, {transport.SlabBytes} bytes of receive memory, {transport.GatheredBytes} bytes of large payloads, {transport.Rings} rings");
        return text.ToString();
    }

    private static string Activation(ActivationDescription one) =>
        $"{one.Actor}: {one.State}, {one.Calls} calls, {one.QueuedCalls} queued, {one.RunningTurns} turns, unused for {Seconds(one.UnusedFor)}";

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s");

    private static void Section<T>(StringBuilder text, string title, IReadOnlyList<T> items, Func<T, string> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        Line(text, $"{title}:");
        foreach (T item in items)
        {
            Line(text, $"  {write(item)}");
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
