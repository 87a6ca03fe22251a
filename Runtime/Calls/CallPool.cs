using System.ComponentModel;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Calls;

/// <summary>The pool of one class of call objects.</summary>
/// <typeparam name="TCall">The generated call class.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CallPool<TCall>
    where TCall : ActorCall, new()
{
    /// <summary>Takes a call object, or makes one.</summary>
    public static TCall Rent() => ExchangePool<TCall>.TryRent(out TCall? call) ? call : new TCall();

    /// <summary>Takes a call object back; its arguments are cleared.</summary>
    public static void Return(TCall call) => ExchangePool<TCall>.Return(call);
}
