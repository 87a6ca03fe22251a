using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Wire;

namespace Kameo.Actors.Simulation.Actors;

/// <summary>What became of an ask, as its caller was told.</summary>
internal enum AskOutcome : byte
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>It ran, and this is the reply.</summary>
    Ran,

    /// <summary>It did not run, and will not.</summary>
    NotRun,

    /// <summary>It may have run, or may still.</summary>
    MayHaveRun,
}

/// <summary>One call of a caller: an ask or a tell, numbered for each actor.</summary>
internal sealed class SimCall(SimCaller caller, ActorId id, long sequence, bool isAsk, long sentAt) : SlotRequest(id, Population.SlotOf(id))
{
    public SimCaller Caller { get; } = caller;

    public long Sequence { get; } = sequence;

    public bool IsAsk { get; } = isAsk;

    /// <summary>True time.</summary>
    public long SentAt { get; } = sentAt;

    /// <summary>The node that it came from to where it is; -1: it was made there.</summary>
    public int CameFrom { get; set; } = -1;

    /// <summary>The nodes that it was at, as bits.</summary>
    public int Visited { get; set; }

    /// <summary>How often it was run.</summary>
    public int Runs { get; set; }

    /// <summary>What its caller was told.</summary>
    public AskOutcome Outcome { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Caller} {Id} no. {Sequence}";
}

/// <summary>Who calls: on a node, or a client that is attached to one. A new process, a new life or another gateway makes it another caller.</summary>
internal sealed class SimCaller(int node, int number, bool isClient)
{
    private readonly Dictionary<ActorId, long> _sequences = [];

    public int Node { get; } = node;

    public bool IsClient { get; } = isClient;

    /// <summary>Asks that it waits for.</summary>
    public HashSet<SimCall> Waiting { get; } = [];

    /// <summary>Of a client: what is on its way to the gateway, in order.</summary>
    public Queue<SimCall> OnTheWay { get; } = new();

    /// <summary>Makes its next call of an actor.</summary>
    public SimCall Call(ActorId id, bool isAsk, long now)
    {
        long sequence = _sequences.GetValueOrDefault(id) + 1;
        _sequences[id] = sequence;
        SimCall call = new(this, id, sequence, isAsk, now) { IsRecorded = Population.IsRecorded(id) };
        if (isAsk)
        {
            Waiting.Add(call);
        }

        return call;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsClient ? "client" : "caller")} {number} of n{Node}";
}

/// <summary>A request on its way between two nodes.</summary>
/// <param name="Epoch">The sender's view.</param>
/// <param name="Call">The call.</param>
/// <param name="ByRecord">Whether the owner sends it to where the actor is.</param>
/// <param name="Remaining">How long it may still take: clocks of nodes are never compared.</param>
/// <param name="Stay">Which stay of the actor is meant, if it goes straight there; 0: it goes by the owner.</param>
internal sealed record SimRequest(long Epoch, SimCall Call, bool ByRecord, TimeSpan Remaining, uint Stay);

/// <summary>A note of direct ways, in line with requests.</summary>
/// <param name="Epoch">The sender's view.</param>
/// <param name="Note">The note.</param>
internal sealed record SimNote(long Epoch, DirectNote Note);

/// <summary>The answer to an ask, on its way back.</summary>
internal sealed record SimReply(SimCall Call, AskOutcome Outcome);

/// <summary>An ask that a node passed on and waits for.</summary>
/// <param name="Call">The ask.</param>
/// <param name="From">The node that it came from; -1: a caller of this node.</param>
/// <param name="To">The node that it was passed to.</param>
internal sealed record PassedOn(SimCall Call, int From, int To);
