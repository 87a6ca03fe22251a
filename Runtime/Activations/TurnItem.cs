using System.Runtime.CompilerServices;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Activations;

/// <summary>What waits in the queues of an activation: a call that wants a turn, or something that goes on in one. An item of an <see cref="Inbox"/>.</summary>
internal sealed class TurnItem : InboxItem
{
    private Turn? _turn;
    private SendOrPostCallback? _callback;
    private object? _state;
    private Kind _kind;

    private enum Kind
    {
        Call,
        Wake,
        TurnDone,
        Post,
    }

    /// <summary>Links the queue it is in; all items of an activation's queues are of this type.</summary>
    public TurnItem? Next
    {
        get => Unsafe.As<TurnItem>(NextItem);
        set => NextItem = value;
    }

    /// <summary>The call it stands for; null for a posted callback.</summary>
    public ActorCall? Call { get; private set; }

    /// <summary>A call in the mailbox.</summary>
    public TurnItem AsCall(ActorCall call) => Set(Kind.Call, call, null);

    /// <summary>A call that this turn awaits is done: its continuation runs in the turn.</summary>
    public TurnItem AsWake(ActorCall call, Turn turn) => Set(Kind.Wake, call, turn);

    /// <summary>The task of a suspended turn is done.</summary>
    public TurnItem AsTurnDone(ActorCall call) => Set(Kind.TurnDone, call, call.Turn);

    /// <summary>A callback posted to a turn; from the pool, and back to it when it has run.</summary>
    public static TurnItem RentPost(Turn turn, SendOrPostCallback callback, object? state)
    {
        TurnItem item = ExchangePool<TurnItem>.TryRent(out TurnItem? pooled) ? pooled : new TurnItem();
        item._callback = callback;
        item._state = state;
        return item.Set(Kind.Post, null, turn);
    }

    /// <summary>Goes on in the turn. Not for a call in the mailbox.</summary>
    public void Run()
    {
        ActorCall? call = Call;
        Turn? turn = _turn;
        Call = null;
        _turn = null;
        SynchronizationContext.SetSynchronizationContext(turn);
        try
        {
            switch (_kind)
            {
                case Kind.Wake:
                    call!.RunContinuation();
                    break;
                case Kind.TurnDone:
                    call!.EndSuspended();
                    break;
                case Kind.Post:
                    SendOrPostCallback callback = _callback!;
                    object? state = _state;
                    _callback = null;
                    _state = null;
                    ExchangePool<TurnItem>.Return(this);
                    callback(state);
                    break;
                default:
                    throw new InvalidOperationException("A call in a mailbox is started, not run.");
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    private TurnItem Set(Kind kind, ActorCall? call, Turn? turn)
    {
        _kind = kind;
        Call = call;
        _turn = turn;
        return this;
    }
}
