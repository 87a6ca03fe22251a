using Kameo.Actors.Activations;
using Kameo.Actors.Calls;

namespace Kameo.Actors.Deadlocks;

/// <summary>The turns that wait for what a turn does, up the chain of asks that led to it, as far as this node sees it. Nothing goes with a call for it: it is looked up where a turn meets something full or held back.</summary>
/// <remarks>
/// A link is an ask that runs, and the call that awaits it by <see cref="AwaitChain"/>. An ask that came over a connection is where the chain ends on this node (<see cref="TryFindOrigin"/>): its caller's node is asked (<see cref="ChainQuestions"/>). The default has no link.
/// </remarks>
internal readonly struct CallChain
{
    /// <summary>Most turns that are followed, as of a circle.</summary>
    private const int LinksMax = Probe.PathMax;

    private readonly ActorCall? _ask;
    private readonly ulong _id;
    private readonly TurnRun? _run;

    /// <summary>Up from a call: no link, if it is no ask of a turn.</summary>
    /// <param name="call">The call. Whoever says it holds it.</param>
    public CallChain(ActorCall call)
    {
        if (!call.IsTell && call.AskId != 0)
        {
            _ask = call;
            _id = call.AskId;
        }
    }

    /// <summary>Up from an ask that was made in a turn of this node.</summary>
    /// <param name="ask">The ask.</param>
    /// <param name="id">Its <see cref="ActorCall.AskId"/>.</param>
    public CallChain(ActorCall ask, ulong id)
    {
        _ask = ask;
        _id = id;
    }

    private CallChain(TurnRun run) => _run = run;

    /// <summary>Whether it may lead to a turn, now or later: the ask that it begins with was made in one, and is not answered; or the turn is not over that runs what may be an ask of another node. Any thread.</summary>
    public bool IsOpen => _ask is { } ask ? ask.Waits(_id) : _run is { IsOver: false };

    /// <summary>Up from the turn that runs here; from below what asks run on the stack. On the turn's thread.</summary>
    public static CallChain From(Turn turn)
    {
        while (turn.Caller is { } caller)
        {
            turn = caller;
        }

        return turn.Call switch
        {
            null => new CallChain(turn.Run()), // A request of a peer has a call object once its turn waits.
            { IsTell: false, Origin: not null } => new CallChain(turn.Run()),
            var call => new CallChain(call),
        };
    }

    /// <summary>Whether an actor's turn asked, on this stack, for what runs here now: it ends no sooner than this returns. One that lets all calls in beside its turns does not count. On the turn's thread.</summary>
    public static bool IsOnStack(Turn turn, Activation activation)
    {
        for (Turn? above = turn.Caller; above is not null; above = above.Caller)
        {
            if (ReferenceEquals(above.Activation, activation))
            {
                return !activation.LetsAllIn;
            }
        }

        return false;
    }

    /// <inheritdoc cref="IsOnStack(Turn, Activation)"/>
    public static bool IsOnStack(Turn turn, ActorId actor)
    {
        for (Turn? above = turn.Caller; above is not null; above = above.Caller)
        {
            if (above.Activation.Id == actor)
            {
                return !above.Activation.LetsAllIn;
            }
        }

        return false;
    }

    /// <summary>Whether a turn of the activation waits for the ask that it begins with. One that lets all calls in beside its turns waits for none. Any thread: a glance, true only if they all existed at one moment.</summary>
    /// <remarks>
    /// Of each ask the calls above it are held by their turns for as long as it is not answered, and what awaits it stays. So of a chain that was followed up to its end, and then found without an answer from that end down, all links were
    /// there when the uppermost was found so; and the lowest, which is looked at last, keeps the objects above from being other calls meanwhile.
    /// </remarks>
    public bool LeadsTo(Activation activation) => !activation.LetsAllIn && LeadsToTurnOf(activation, out _);

    /// <summary>The same, whether or not the activation lets calls in beside its turns.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="isWhole">Whether it was seen up to its end: else some caller may not have come to its await yet, and another look may see more.</param>
    public bool LeadsToTurnOf(Activation activation, out bool isWhole)
    {
        AskOfPeer top = default;
        isWhole = _ask is null;
        return _ask is { } ask && Leads(ask, _id, activation, LinksMax, ref isWhole, ref top);
    }

    /// <summary>Where it leaves this node: the ask of a peer whose turn waits for what it begins with, or is that. Any thread: a glance, as <see cref="LeadsTo(Activation)"/>.</summary>
    public bool TryFindOrigin(out AskOfPeer origin)
    {
        origin = default;
        bool isWhole = false;
        if (_ask is { } ask)
        {
            Leads(ask, _id, null, LinksMax, ref isWhole, ref origin);
        }
        else if (_run is { IsOver: false } run && run.Turn.Call is { } call)
        {
            origin = call.AsOfPeer;
            Interlocked.MemoryBarrier(); // What was read above, was of its call if its run is not over now.
            origin = run.IsOver ? default : origin;
        }

        return origin.From is not null;
    }

    private static bool Leads(ActorCall ask, ulong id, Activation? activation, int linksLeft, ref bool isWhole, ref AskOfPeer top)
    {
        if (linksLeft == 0 || !ask.Waits(id))
        {
            return false;
        }

        bool leads = false;
        switch (ask.FindAwaiting())
        {
            case ActorCall above when activation is not null && ReferenceEquals(above.Turn?.Activation, activation):
                leads = true;
                break;
            case ActorCall above when !above.IsTell && above.AskId is var next and not 0:
                leads = Leads(above, next, activation, linksLeft - 1, ref isWhole, ref top);
                break;
            case ActorCall above:
                isWhole = true;
                top = above.AsOfPeer;
                break;
            case Task activating:
                leads = activation is not null && activation.IsActivatedBy(activating);
                break;
        }

        Interlocked.MemoryBarrier(); // What was read above, was before the ask was answered if it is not answered now.
        if (!ask.Waits(id))
        {
            top = default;
            return false;
        }

        return leads;
    }
}
