using System.ComponentModel;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Payloads;

/// <summary>While a call's arguments, or its result, are copied within a node: whose the payloads among them become. Used by generated code, on one thread.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct PayloadScope : IDisposable
{
    [ThreadStatic]
    private static ActorCall? t_call;

    private readonly ActorCall? _before;

    /// <summary>Payloads belong to a call until its turn ends; or, without one, to whoever gets the copy.</summary>
    internal PayloadScope(ActorCall? call)
    {
        _before = t_call;
        t_call = call;
    }

    /// <summary>Whether payloads belong to a call.</summary>
    internal static bool HasCall => t_call is not null;

    /// <summary>Gives a payload to the call.</summary>
    internal static void Add(IDecodedPayload payload) => t_call!.Add(payload);

    /// <summary>As it was before.</summary>
    public void Dispose() => t_call = _before;
}
