using Kameo.Actors.Payloads;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>The payloads among a call's arguments: they are the call's until its turn has ended, unless the method detaches them.</summary>
public abstract partial class ActorCall
{
    private IDecodedPayload? _payloads;

    /// <summary>Called by generated code around the copying of arguments that hold payloads.</summary>
    protected PayloadScope EnterArguments() => new(this);

    /// <summary>Called by generated code around the copying of a result that holds payloads.</summary>
    protected static PayloadScope EnterResult() => new(null);

    /// <summary>An argument was copied.</summary>
    internal void Add(IDecodedPayload payload)
    {
        payload.Next = _payloads;
        _payloads = payload;
    }

    /// <summary>Whether the code of the method runs after the method has returned: its result is an <see cref="IAsyncEnumerable{T}"/>.</summary>
    private protected virtual bool RunsLater => false;

    /// <summary>A result's payloads are the caller's; those of one that cannot be read are nobody's.</summary>
    private static void HandOver(IDecodedPayload? payloads, bool isRead)
    {
        for (IDecodedPayload? next; payloads is not null; payloads = next)
        {
            next = payloads.Next;
            payloads.Next = null;
            if (isRead)
            {
                payloads.HandOver();
            }
            else
            {
                payloads.Dispose();
            }
        }
    }

    /// <summary>The turn has ended, or will never begin.</summary>
    private void EndPayloads()
    {
        IDecodedPayload? payloads = _payloads;
        _payloads = null;
        if (payloads is not null && _resultIsReady && RunsLater)
        {
            HandOver(payloads, isRead: true);
            return;
        }

        for (IDecodedPayload? next; payloads is not null; payloads = next)
        {
            next = payloads.Next;
            payloads.Next = null;
            payloads.EndMessage();
        }
    }
}
