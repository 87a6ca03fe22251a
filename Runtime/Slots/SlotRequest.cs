using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>What one call is to hand-off: for which actor, and how far it has come. The shell derives its own from it, with the call itself.</summary>
/// <remarks>Mutable and owned by one holder at a time: the shell until it gives the request to the core, which gives it back in exactly one output.</remarks>
/// <param name="id">The actor.</param>
/// <param name="slot">Its slot.</param>
internal abstract class SlotRequest(ActorId id, int slot)
{
    /// <summary>The actor.</summary>
    public ActorId Id { get; } = id;

    /// <summary>Its slot.</summary>
    public int Slot { get; } = slot;

    /// <summary>When it is not worth running any more, on this node's clock.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.MaxValue;

    /// <summary>How often it may still be passed on.</summary>
    public int HopsLeft { get; set; } = HandoffLimits.HopsMax;

    /// <summary>Whether the owner of the slot sent it here because the actor is here.</summary>
    public bool ByRecord { get; set; }

    /// <summary>Whether it was sent to where the actor was, and came back from there.</summary>
    public bool IsReturned { get; set; }

    /// <summary>Of a request that its caller sent straight to where the actor is: which of the stays of the actor there is meant. 0: it goes by the owner.</summary>
    public uint Stay { get; set; }

    /// <summary>Where the actor should be placed if it is nowhere; nobody: at the slot's owner. Read for classes whose placement is not the default.</summary>
    public MemberId Preferred { get; set; }

    /// <summary>Whether the class is placed by choice and recorded, not at the slot's owner by rule.</summary>
    public bool IsRecorded { get; set; }

    /// <summary>Whether the actor may be nowhere but at such a node as is preferred: refused if that one is gone when the actor is to be placed.</summary>
    public bool IsPinned { get; set; }
}
