using System.ComponentModel;

namespace Kameo.Actors.Calls;

/// <summary>The pool of one class of call objects.</summary>
/// <typeparam name="TCall">The generated call class.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CallPool<TCall>
    where TCall : ActorCall, new()
{
    /// <summary>Takes a call object, or makes one.</summary>
    public static TCall Rent() => new();

    /// <summary>Takes a call object back; its arguments are cleared.</summary>
    public static void Return(TCall call)
    {
    }
}
