using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Activations;

/// <summary>Something that goes on in a turn: an item of the activation's second <see cref="Inbox"/>.</summary>
internal sealed class TurnItem : InboxItem
{
    private ActorCall? _call;
    private Turn? _turn;
    private SendOrPostCallback? _callback;
    private object? _state;
    private Kind _kind;

    private enum Kind
    {
        Wake,
        TurnDone,
        Post,
    }


    /// <summary>A call that this turn awaits is done: its continuation runs in the turn.</summary>
    public TurnItem AsWake(ActorCall call, Turn turn) => Set(Kind.Wake, call, turn);

    /// <summary>The task of a suspended turn is done.</summary>
    public TurnItem AsTurnDone(ActorCall call) => Set(Kind.TurnDone, call, call.Turn);

    /// <summary>A callback posted to a turn; from the pool, and back to it when it has run.</summary>
    public static TurnItem RentPost(Turn? turn, SendOrPostCallback callback, object? state)
    {
        TurnItem item = ExchangePool<TurnItem>.TryRent(out TurnItem? pooled) ? pooled : new TurnItem();
        item._callback = callback;
        item._state = state;
        return item.Set(Kind.Post, null, turn);
    }

    /// <summary>Goes on in the turn.</summary>
    public void Run()
    {
        ActorCall? call = _call;
        Turn? turn = _turn;
        _call = null;
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
                default:
                    SendOrPostCallback callback = _callback!;
                    object? state = _state;
                    _callback = null;
                    _state = null;
                    ExchangePool<TurnItem>.Return(this);
                    callback(state);
                    break;
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
        _call = call;
        _turn = turn;
        return this;
    }
}
