using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Messages;

/// <summary>What nodes say of slots. All of it travels in line with the requests between the two nodes: on the same connection, in the order sent.</summary>
/// <param name="Epoch">The view that the sender had installed.</param>
internal abstract record HandoffMessage(long Epoch);

/// <summary>Slots of some types with equal hosts.</summary>
/// <param name="Types">The types.</param>
/// <param name="Ranges">The slots.</param>
/// <param name="Acquired">Of a release: the view in which the sender acquired them last; 0 if it never did.</param>
/// <param name="IsForgotten">Of a release: whether the sender owned them later without having all that is recorded of them.</param>
internal sealed record SlotSection(IReadOnlyList<string> Types, IReadOnlyList<SlotRange> Ranges, long Acquired = 0, bool IsForgotten = false);

/// <summary>Where an actor is that is not at its slot's owner by rule.</summary>
/// <param name="Id">The actor.</param>
/// <param name="Slot">Its slot.</param>
/// <param name="Host">The node that has it.</param>
/// <param name="Fence">The view in which its place was given to it.</param>
/// <param name="Through">The former owner whose requests for it may still be on their way; nobody if there is none.</param>
/// <param name="IsEnding">Whether it ended there, and only what was on its way to it is still to come back.</param>
internal sealed record ActorRecord(ActorId Id, int Slot, MemberId Host, long Fence, MemberId Through, bool IsEnding);

/// <summary>New owner to former owner: release these slots.</summary>
internal sealed record AskRelease(long Epoch, IReadOnlyList<SlotSection> Sections) : HandoffMessage(Epoch);

/// <summary>
/// Former owner to new owner: no user code of these slots is entered here again, but that of the records that name the sender as host, unless it acquires them in a later view. Long ones come in parts.
/// </summary>
/// <param name="Epoch">The view.</param>
/// <param name="Series">Which answer of the sender this is a part of.</param>
/// <param name="Part">The part's number, from 0.</param>
/// <param name="IsLast">Whether it is the last; nothing counts before.</param>
/// <param name="Sections">The slots.</param>
/// <param name="Records">Actors of the slots that are not at their owner by rule: what is busy at the sender, and what was placed elsewhere.</param>
internal sealed record Released(long Epoch, long Series, int Part, bool IsLast, IReadOnlyList<SlotSection> Sections, IReadOnlyList<ActorRecord> Records) : HandoffMessage(Epoch);

/// <summary>The view of a question is older than the answerer's.</summary>
internal sealed record Superseded(long Epoch) : HandoffMessage(Epoch);

/// <summary>New owner of a dead one's slots to every member: what do you have of them?</summary>
internal sealed record Recover(long Epoch, IReadOnlyList<SlotSection> Sections) : HandoffMessage(Epoch);

/// <summary>What the sender has of these slots. From now on it refuses placements by owners of older views.</summary>
internal sealed record Recovered(long Epoch, long Series, int Part, bool IsLast, IReadOnlyList<SlotSection> Sections, IReadOnlyList<ActorRecord> Records) : HandoffMessage(Epoch);

/// <summary>Behind all that its sender sent for a slot on the way that it leaves: goes the way of the requests, to whoever owns the slot.</summary>
/// <param name="Epoch">The view of who sent it last.</param>
/// <param name="Types">The types.</param>
/// <param name="Slot">The slot.</param>
/// <param name="Origin">Who waits for the answer.</param>
/// <param name="Token">The origin's number for it.</param>
/// <param name="HopsLeft">How often it may still be passed on.</param>
internal sealed record Flush(long Epoch, IReadOnlyList<string> Types, int Slot, MemberId Origin, long Token, int HopsLeft) : HandoffMessage(Epoch);

/// <summary>The owner of the slot has all that came before that <see cref="Flush"/>.</summary>
internal sealed record Flushed(long Epoch, IReadOnlyList<string> Types, int Slot, long Token) : HandoffMessage(Epoch);

/// <summary>Owner to a former owner, and by that one to the host of an actor: behind all that the former owner sent there for it.</summary>
internal sealed record FlushRecord(long Epoch, ActorId Id, int Slot, MemberId Origin, MemberId Host, MemberId Through) : HandoffMessage(Epoch);

/// <summary>Host to owner: all that a former owner sent for the actor is here.</summary>
internal sealed record RecordFlushed(long Epoch, ActorId Id, int Slot, MemberId Through) : HandoffMessage(Epoch);

/// <summary>Owner to host: the actor is to be there. Requests for it follow.</summary>
internal sealed record Place(long Epoch, ActorId Id, int Slot, long Fence) : HandoffMessage(Epoch);

/// <summary>Owner to host: end the actor as soon as its turns have ended.</summary>
internal sealed record End(long Epoch, ActorId Id, int Slot) : HandoffMessage(Epoch);

/// <summary>Host to whoever sent it a request for an actor: it is not here. The request follows.</summary>
internal sealed record Absent(long Epoch, ActorId Id, int Slot) : HandoffMessage(Epoch);

/// <summary>Host to owner, on the way of requests: the actor has ended there; requests that it left follow.</summary>
internal sealed record Unregister(long Epoch, ActorId Id, int Slot, MemberId Host, int HopsLeft) : HandoffMessage(Epoch);

/// <summary>Owner to host, behind all that it sent there for the actor: nothing more follows. The number comes back with the answer.</summary>
internal sealed record Last(long Epoch, ActorId Id, int Slot, long Number) : HandoffMessage(Epoch);

/// <summary>Host to owner, on the way of requests: all that was on its way to the actor has come back before this.</summary>
/// <param name="Epoch">The view of who sent it last.</param>
/// <param name="Id">The actor.</param>
/// <param name="Slot">Its slot.</param>
/// <param name="Host">The host.</param>
/// <param name="Owner">Whose <see cref="Last"/> it answers.</param>
/// <param name="Number">The number of that.</param>
/// <param name="IsHere">Whether the actor is there all the same: it was placed there again meanwhile.</param>
/// <param name="HopsLeft">How often it may still be passed on.</param>
internal sealed record Closed(long Epoch, ActorId Id, int Slot, MemberId Host, MemberId Owner, long Number, bool IsHere, int HopsLeft) : HandoffMessage(Epoch);

/// <summary>Whoever sent a request to its former owner is told so: its view is older.</summary>
internal sealed record Moved(long Epoch, string Type, int Slot) : HandoffMessage(Epoch);
