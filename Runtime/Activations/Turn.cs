using System.Runtime.CompilerServices;
using Kameo.Actors.Calls;

namespace Kameo.Actors.Activations;

/// <summary>
/// The synchronisation context of a turn: what is awaited in it comes back to it. One for each turn that runs at a time in an activation; used again for later turns. The first is the activation itself, since most never have
/// another: it is one object less that each actor in memory is made of; those beside it are <see cref="BesideTurn"/>s.
/// </summary>
/// <remarks>Posting is for any thread; everything else is the executor's.</remarks>
internal abstract partial class Turn : SynchronizationContext
{
    /// <summary>Where it runs.</summary>
    public Activation Activation => this is BesideTurn beside ? beside.Home : Unsafe.As<Activation>(this); // There is no third kind.

    /// <summary>The turn that this thread is in; null outside of turns, also behind <c>ConfigureAwait(false)</c>.</summary>
    public static new Turn? Current => Of(SynchronizationContext.Current);

    private long _deadline = long.MaxValue;
    private ActorMethod? _alone;
    private bool _isAsk;
    private Turn? _caller;

    /// <summary>The call that runs in it; null in activation and deactivation, and between turns.</summary>
    public ActorCall? Call { get; private set; }

    /// <summary>When the asks made in it must be answered at the latest. In the turn.</summary>
    public long DeadlineMilliseconds
    {
        get
        {
            if (_isAsk)
            {
                _isAsk = false; // Once: what the turn asks and the turn itself, should it suspend, have the same time.
                _deadline = FindDeadline(_alone!);
            }

            return _deadline;
        }
    }

    /// <summary>Whose ask runs in it on its caller's stack; null for none, or when that was made outside of turns.</summary>
    public Turn? Caller => _caller;

    /// <summary>The method that runs in it without a call: inline, or of <see cref="WaitingCalls"/>; null for none.</summary>
    public ActorMethod? MethodAlone => _alone;

    /// <summary>An object as the turn that it is; null for another one, and for none. By its two classes, neither of which has derived ones: a comparison each.</summary>
    public static Turn? Of(object? context) => context is Activations.Activation or BesideTurn ? Unsafe.As<Turn>(context) : null;

    /// <summary>A call starts.</summary>
    public void Begin(ActorCall call)
    {
        Call = call;
        _begun = ++_lastNumber;
        EndAlone();
        _deadline = call.IsTell ? long.MaxValue : call.DeadlineMilliseconds;
    }

    /// <summary>Its call has ended.</summary>
    public void End(ActorCall call)
    {
        if (ReferenceEquals(Call, call))
        {
            Call = null;
            _deadline = long.MaxValue;
        }
    }

    /// <summary>An ask starts on its caller's stack. Its deadline is worked out when somebody wants to know: usually nobody does.</summary>
    public void BeginInline(ActorMethod method, Turn? caller)
    {
        _alone = method;
        _isAsk = true;
        if (caller is not null)
        {
            _caller = caller;
        }
    }

    /// <summary>What is no call starts: a tell, which has no deadline, or what may become a call before its method runs.</summary>
    public void BeginAlone(ActorMethod method) => _alone = method;

    /// <summary>A request of a peer that is no call yet starts.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="deadline">When what is asked in it must be answered.</param>
    public void BeginInbound(ActorMethod method, long deadline)
    {
        _alone = method;
        _deadline = deadline;
    }

    /// <summary>What began without a call has ended, or goes on as one.</summary>
    public void EndAlone()
    {
        _alone = null;
        _isAsk = false;
        _deadline = long.MaxValue;
        _caller = null;
        if (_waits is { Forwarded: not null } waits)
        {
            waits.Forwarded = null;
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => Activation.Resume(TurnItem.RentPost(this, d, state));

    /// <summary>Runs the callback if this is the turn that runs here. Waiting for another turn would block a thread, and perhaps for ever.</summary>
    /// <exception cref="NotSupportedException">It is another one.</exception>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!ReferenceEquals(SynchronizationContext.Current, this))
        {
            throw new NotSupportedException("A turn cannot be entered by waiting for it; post to it, or call the actor.");
        }

        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Counted from now instead of from the call: late by what has run of its synchronous stretch. Asked for once.</summary>
    private long FindDeadline(ActorMethod method)
    {
        ActorNode node = Activation.Node;
        return Math.Min(node.Clock.After(method.AskTimeout ?? node.AskTimeout), _caller?.DeadlineMilliseconds ?? long.MaxValue);
    }
}
