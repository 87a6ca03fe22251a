using System.Text.Json;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>A line that a node reported.</summary>
internal sealed record NodeEvent(JsonElement Body)
{
    /// <summary>What it is.</summary>
    public string Name { get; } = Body.GetProperty("event").GetString()!;

    /// <summary>When, in milliseconds on <see cref="SharedClock"/>.</summary>
    public double At { get; } = Body.GetProperty("at").GetDouble();

    public string Text(string property) => Body.GetProperty(property).GetString()!;

    public bool Flag(string property) => Body.GetProperty(property).GetBoolean();

    public double Number(string property) => Body.GetProperty(property).GetDouble();

    /// <summary>Of a view: the ids of its members.</summary>
    public string[] Members => Strings("members");

    /// <summary>Of a view: the incarnations of its members, in the same order.</summary>
    public string[] Incarnations => Strings("incarnations");

    /// <summary>Whether it is a view of so many members, all of which are up.</summary>
    public bool IsViewOf(int count) => Name == "view" && Members.Length == count && Body.GetProperty("up").GetInt32() == count;

    /// <summary>Whether it is a view without this member.</summary>
    public bool IsViewWithout(string member) => Name == "view" && !Members.Contains(member);

    /// <summary>Which view: cluster and epoch.</summary>
    public string ViewName => $"{Text("cluster")}/{Body.GetProperty("epoch").GetInt64()}";

    private string[] Strings(string property) => [.. Body.GetProperty(property).EnumerateArray().Select(static one => one.GetString()!)];
}
