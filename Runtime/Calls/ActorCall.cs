using System.ComponentModel;
using Kameo.Actors.Placement;
using Kameo.Actors.Serialization;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>
/// One call of one actor method: its arguments, its place in a mailbox and the awaitable result in one pooled object.
/// The generator writes one class for each method; the same class serves the caller and, on the callee's node, the turn.
/// </summary>
/// <remarks>
/// <para>Hops 1, 7, 8 and 9. Who holds it: the caller until it has taken the result, and, where the actor is on the same node, the turn until it has ended. It goes back to its pool when both let go.</para>
/// <para>
/// Whether a queued call runs is decided once, by one step on <c>_stage</c>: the executor moves it from queued to started, a time-out or cancellation from queued to
/// withdrawn. So "did not run" is said only of calls that never will. The partial files hold the caller's half (awaiting) and the callee's (turn).
/// </para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract partial class ActorCall : PendingAsk
{
    private int _owners;
    private ActorRoute? _route;

    /// <summary>Called by the pool.</summary>
    protected ActorCall()
    {
    }

    /// <summary>The method that is called.</summary>
    public abstract ActorMethod Method { get; }

    /// <summary>On the callee's side: cancelled when the caller cancels, its deadline passes, or the activation must end.</summary>
    protected CancellationToken CancellationToken => _extras.Cancel?.Token ?? CancellationToken.None;

    /// <summary>The node that sends or runs it.</summary>
    internal ActorNode Node { get; set; } = null!;

    /// <summary>The actor.</summary>
    internal ActorId Target
    {
        get => _route is { } route ? route.Id : _extras.Target;
        set => Add().Target = value;
    }

    /// <summary>Where it was sent; null: nowhere yet, or this node.</summary>
    internal PeerId? SentTo
    {
        get => _extras.SentTo;
        set => Add().SentTo = value;
    }

    /// <summary>When it fails, on the node's clock.</summary>
    internal long DeadlineMilliseconds { get; set; }

    /// <summary>Whether nobody waits for the result.</summary>
    internal bool IsTell { get; set; }

    /// <summary>Writes the arguments: an array of them in order.</summary>
    public abstract void EncodeArguments(ref MessagePackWriter writer);

    /// <summary>Reads the arguments; surplus ones are skipped, missing ones take defaults.</summary>
    public abstract void DecodeArguments(ref MessagePackReader reader);

    /// <summary>Replaces each argument that is not immutable with a deep copy: isolation of a local call.</summary>
    public abstract void CopyArguments();

    /// <summary>Forgets the arguments, so that the pool keeps nothing alive.</summary>
    public abstract void ClearArguments();

    /// <summary>Gives the object back to its pool: <c>CallPool&lt;TheCall&gt;.Return(this)</c>.</summary>
    public abstract void ReturnToPool();

    /// <summary>Called by generated code around the decoding of what holds references.</summary>
    protected NodeScope EnterNode() => new(Node);

    /// <summary>Where it goes: says the target without a copy of its id.</summary>
    internal void GoBy(ActorRoute route) => _route = route;

    /// <summary>How many let go before it returns to its pool: set before anybody else knows it.</summary>
    internal void HeldBy(int owners) => _owners = owners;

    /// <summary>One holder lets go; the last one recycles it. The interlocked step, or the acquiring read of a sole holder, orders everything the others did before.</summary>
    internal void LetGo()
    {
        if (Volatile.Read(ref _owners) == 1 || Interlocked.Decrement(ref _owners) == 0)
        {
            Recycle();
        }
    }

    private void Recycle()
    {
        EndPayloads(); // Of a call that came to no turn.
        if (IsRemote && IsCancellable)
        {
            return; // A cancel frame may have found it a moment ago: it is left to the garbage collector, so that it is nobody else's call then.
        }

        ClearArguments();
        ClearResult();
        Context = null;
        Trace = null;
        _route = null;
        AskId = 0;
        if (!IsRemote) // Else nobody here awaited it: the caller's half is as it was.
        {
            ResetAwaiting();
            if (_hasExtras)
            {
                ResetAsk(); // Else it met no connection: what the transport keeps in it is as it was.
            }
        }

        ResetTurn();
        IsTell = false;
        if (_hasExtras)
        {
            _extras = default;
            _hasExtras = false;
        }

        ReturnToPool();
    }

    private protected abstract void ClearResult();
}
