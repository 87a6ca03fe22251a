using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Direct;

/// <summary>What <see cref="DirectWays"/> needs of the shell around it: of the real one, <see cref="Gate.SlotGate"/>, or a simulated one. Under its lock.</summary>
internal interface IDirectShell
{
    /// <summary>The slot of an actor.</summary>
    int SlotOf(in ActorId id);

    /// <summary>The open connection to a member; null without one.</summary>
    IDirectLine? FindLine(in MemberId member);

    /// <summary>Sends what waits for a connection, if it can be sent.</summary>
    /// <returns>Whether what is put on it now comes behind all that was given to the shell for that member.</returns>
    bool MakeReady(IDirectLine line);

    /// <summary>Whether requests of a slot wait in a connection, so that what is put on it now would pass them.</summary>
    bool HasWaiting(IDirectLine line, int slot);

    /// <summary>Comes back when every sender that had looked at a way before has sent, or will look at it again.</summary>
    void WaitForSenders();

    /// <summary>What senders find the connection to a member by; null where nobody but the shell sends.</summary>
    Peer? PeerOf(in MemberId member);

    /// <summary>Sends a request to a member, behind all that was given to the shell for that member.</summary>
    /// <returns>False if that cannot be done at this moment: the shell has not taken it.</returns>
    bool TryForward(in MemberId to, SlotRequest request);
}

/// <summary>One connection, as direct ways see it. Under the lock of the shell.</summary>
internal interface IDirectLine
{
    /// <summary>With whom.</summary>
    MemberId Member { get; }

    /// <summary>The view that the other end had installed when it sent what is being received.</summary>
    long PeerEpoch { get; }

    /// <summary>Of which actor the other end was told last where it is.</summary>
    ActorId HintedOf { get; set; }

    /// <summary>When.</summary>
    TimeSpan HintedAt { get; set; }

    /// <summary>Sends a note, in line with requests.</summary>
    void Put(in DirectNote note);
}
