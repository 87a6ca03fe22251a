namespace Samples.PingPong;

/// <summary>What server and client must agree on to find each other.</summary>
public static class PingPong
{
    /// <summary>The cluster's name: only nodes of one name connect.</summary>
    public const string ClusterName = "ping-pong";

    /// <summary>The key of the one actor.</summary>
    public const string ActorKey = "server";

    /// <summary>What every ping says.</summary>
    public const string Greeting = "kameo says ping";

    /// <summary>What both say when no secret is given.</summary>
    public const string OpenWarning = "No --secret was given: anyone on the network may connect.";
}
