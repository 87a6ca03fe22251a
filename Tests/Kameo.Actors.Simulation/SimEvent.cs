namespace Kameo.Actors.Simulation;

/// <summary>What the scheduler plans.</summary>
internal enum SimEventKind : byte
{
    /// <summary>A process starts.</summary>
    Start,

    /// <summary>The core's deadline.</summary>
    Tick,

    /// <summary>Something arrives on a connection.</summary>
    Arrive,

    /// <summary>A dial is answered or not.</summary>
    Dialled,

    /// <summary>A caller calls, or a turn is to begin.</summary>
    Work,

    /// <summary>The lease is about to end: the worst moment to enter.</summary>
    LeaseEdge,

    /// <summary>A turn that was checked enters user code.</summary>
    TurnEntered,

    /// <summary>A turn leaves user code: it ends, or awaits.</summary>
    TurnLeft,

    /// <summary>What a turn awaited is there.</summary>
    TurnResumes,

    /// <summary>Connections for requests are dialled again, turns that wait for the lease are looked at.</summary>
    Slots,

    /// <summary>The deadline of hand-off.</summary>
    SlotsDue,

    /// <summary>Slots that were lost are let go.</summary>
    SlotsLost,

    /// <summary>A question or a flush of a direct way may have gone unanswered for too long.</summary>
    WaysDue,

    /// <summary>A call of a train of calls that take direct ways, or the beginning of one.</summary>
    DirectWork,

    /// <summary>A client calls.</summary>
    ClientWork,

    /// <summary>The call of a client reaches its gateway.</summary>
    ClientCall,

    /// <summary>An ask has taken too long.</summary>
    AskDue,

    /// <summary>Gossip of names arrives, or a connection for it stands again.</summary>
    Gossip,

    /// <summary>The deadline of a registry.</summary>
    NamesDue,

    /// <summary>A user of names does something.</summary>
    NamesWork,

    /// <summary>A fault begins.</summary>
    Fault,

    /// <summary>A fault ends.</summary>
    FaultEnds,

    /// <summary>Everything heals.</summary>
    Heal,

    /// <summary>The liveness phase looks whether all is well.</summary>
    Look,
}

/// <summary>One planned event.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">Where; -1 for the world.</param>
/// <param name="Process">In which process of that node; an event of an earlier one is dropped. 0 for any.</param>
/// <param name="Payload">With what.</param>
internal readonly record struct SimEvent(SimEventKind Kind, int Node, int Process, object? Payload);
