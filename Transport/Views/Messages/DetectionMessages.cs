namespace Kameo.Actors.Transport.Views.Messages;

/// <summary>Are you there? Sent only where nothing was heard for a while; any frame answers it.</summary>
internal sealed record Ping : ViewMessage
{
    /// <summary>The only one.</summary>
    public static Ping Instance { get; } = new();
}

/// <summary>Answers a <see cref="Ping"/>.</summary>
internal sealed record Pong : ViewMessage
{
    /// <summary>The only one.</summary>
    public static Pong Instance { get; } = new();
}

/// <summary>Tells a member that it is suspected, directly or by a helper. Whatever it sends refutes.</summary>
/// <param name="Accuser">Who suspects it; it answers there too.</param>
internal sealed record Accusation(MemberId Accuser) : ViewMessage;

/// <summary>Asks a helper to probe a suspect by its own path (SWIM, section 3.1).</summary>
/// <param name="Subject">The suspect.</param>
internal sealed record ProbeRequest(MemberId Subject) : ViewMessage;

/// <summary>Answers a <see cref="ProbeRequest"/>, also if nothing was heard (Lifeguard's nack: silence of the helper is not silence of the suspect).</summary>
/// <param name="Subject">The suspect.</param>
/// <param name="IsHeard">Whether the helper heard it since it was asked.</param>
/// <param name="Silence">If not, for how long not: a span of the helper's clock, not a time.</param>
internal sealed record ProbeReply(MemberId Subject, bool IsHeard, TimeSpan Silence) : ViewMessage;

/// <summary>A verdict for the leader, repeated while it holds.</summary>
/// <param name="Accuser">Who says so; the sender may be a steward that passes it on.</param>
/// <param name="Subject">Who is to be evicted.</param>
/// <param name="Cause">Killed, silent, or an operator's order.</param>
internal sealed record Verdict(MemberId Accuser, MemberId Subject, DepartureCause Cause) : ViewMessage;

/// <summary>Tells a node that a newer view has evicted it: it stops, and joins again as a new incarnation.</summary>
internal sealed record Evicted : ViewMessage
{
    /// <summary>The only one.</summary>
    public static Evicted Instance { get; } = new();
}
