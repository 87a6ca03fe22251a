using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>What the shell is to do.</summary>
internal enum HandoffOutputKind : byte
{
    /// <summary>Send <see cref="HandoffOutput.Message"/> to <see cref="HandoffOutput.Peer"/>, in line with requests. Without a connection it is lost.</summary>
    Send,

    /// <summary>Send <see cref="HandoffOutput.Request"/> to <see cref="HandoffOutput.Peer"/>, in line. Without a connection it is refused as not run.</summary>
    Forward,

    /// <summary>Give <see cref="HandoffOutput.Request"/> to the actor's activation here, which is made if need be, with <see cref="HandoffOutput.Number"/> as its fence.</summary>
    Run,

    /// <summary>Refuse <see cref="HandoffOutput.Request"/>: it did not run.</summary>
    Refuse,

    /// <summary>Name every activation of <see cref="HandoffOutput.Group"/> and slot <see cref="HandoffOutput.Number"/> by <see cref="HandoffCore.LetGo"/>.</summary>
    LetGo,

    /// <summary>Let the actor's activation end: no new turn but what reentrancy lets into running ones; then <see cref="HandoffCore.Ended"/> with what waits.</summary>
    End,

    /// <summary>The actor's activation takes too long to end: cancel its turns' tokens.</summary>
    Cancel,

    /// <summary>Tell the core of views that everything up to the epoch <see cref="HandoffOutput.Number"/> is released.</summary>
    Released,

    /// <summary>Say what a slot is from now on, by <see cref="HandoffCore.Publish"/>: after all that comes before has been done.</summary>
    Publish,

    /// <summary><see cref="HandoffOutput.Peer"/> has a newer view: fetch it.</summary>
    Fetch,

    /// <summary>Tell <see cref="HandoffOutput.Peer"/>, in line, that <see cref="HandoffOutput.Id"/> is not here, or not for the stay <see cref="HandoffOutput.Number"/> any more: what it sent straight here goes by the owner.</summary>
    Stray,

    /// <summary>All that was sent straight to an actor before the flush with the token <see cref="HandoffOutput.Number"/> is at the owner of its slot.</summary>
    WayLeft,

    /// <summary>What waited for the direct way to <see cref="HandoffOutput.Id"/> has taken its way: there is no direct way any more.</summary>
    WayClosed,
}

/// <summary>One thing to do, taken from <see cref="HandoffCore"/> in order after every call.</summary>
/// <param name="Kind">What.</param>
/// <param name="Peer">With whom.</param>
/// <param name="Message">With which message.</param>
/// <param name="Request">With which request.</param>
/// <param name="Id">With which actor.</param>
/// <param name="Group">With which types.</param>
/// <param name="Number">A fence, a slot or an epoch.</param>
/// <param name="Refusal">Why it is refused.</param>
internal readonly record struct HandoffOutput(
    HandoffOutputKind Kind, MemberId Peer = default, HandoffMessage? Message = null, SlotRequest? Request = null, ActorId Id = default, TypeGroup? Group = null, long Number = 0, Refusal Refusal = default);
