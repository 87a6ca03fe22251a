using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Deadlocks;

/// <summary>Which ask a probe follows, where the ask's actor is: one that was made on this node, or one that came over a connection.</summary>
internal readonly record struct AskName
{
    private readonly ActorCall? _call;
    private readonly ulong _askId;
    private readonly Connection? _from;
    private readonly ulong _correlation;

    /// <summary>An ask made on this node: one object is the caller's half and the callee's.</summary>
    public AskName(ActorCall call, ulong askId)
    {
        _call = call;
        _askId = askId;
    }

    /// <summary>An ask of a peer.</summary>
    public AskName(Connection from, ulong correlation)
    {
        _from = from;
        _correlation = correlation;
    }

    /// <summary>Whether a call in the mailbox or in a turn is that ask. In the executor that has it.</summary>
    public bool Is(ActorCall call) => _from is null ? ReferenceEquals(call, _call) && call.AskId == _askId : call.IsFrom(_from, _correlation);
}
