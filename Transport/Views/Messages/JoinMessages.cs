namespace Kameo.Actors.Transport.Views.Messages;

/// <summary>Asks a node what it knows: sent by who looks for a cluster, and now and then by members to known addresses outside their view.</summary>
/// <param name="Members">How many members the sender's view has; 0 if it is fresh or its cluster is halted.</param>
internal sealed record Seek(int Members) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}

/// <summary>Answers a <see cref="Seek"/>: the envelope says the cluster, or that the sender is fresh.</summary>
/// <param name="Members">How many members its view has; 0 if it is fresh or its cluster is halted.</param>
/// <param name="Addresses">Where some of them are dialled.</param>
internal sealed record SeekReply(int Members, IReadOnlyList<string> Addresses) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}

/// <summary>Asks to be admitted; passed on to the leader.</summary>
/// <param name="Newcomer">Who asks, with all that placement reads.</param>
internal sealed record Join(Member Newcomer) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}

/// <summary>Why a newcomer is not admitted.</summary>
internal enum JoinRefusal : byte
{
    /// <summary>Its key is that of a member that seems to live.</summary>
    KeyInUse,

    /// <summary>No version of the protocol is understood by it and all members.</summary>
    Protocol,

    /// <summary>Its leases would have other terms than those of the members: the options for timing differ.</summary>
    Timing,

    /// <summary>The cluster has as many members as it may have.</summary>
    Full,
}

/// <summary>Refuses a newcomer for now.</summary>
/// <param name="Newcomer">Who asked.</param>
/// <param name="Reason">Why.</param>
internal sealed record JoinRefused(MemberId Newcomer, JoinRefusal Reason) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}

/// <summary>A member asks the leader to let it leave: first it owns nothing, then, when it has handed off, it is gone.</summary>
/// <param name="Member">Who leaves.</param>
internal sealed record Leave(MemberId Member) : ViewMessage;

/// <summary>Of two clusters of one name that met the sender's is dissolved: its members stop and join the other.</summary>
/// <param name="Into">The other.</param>
/// <param name="Addresses">Where its members are dialled.</param>
internal sealed record Dissolve(ClusterId Into, IReadOnlyList<string> Addresses) : ViewMessage;
