using Kameo.Actors.Context;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>The request context of a call. Nothing here runs for a call without one, but for a look at a field.</summary>
public abstract partial class ActorCall
{
    /// <summary>The header extensions of an ordinary request: its remaining time.</summary>
    internal static readonly int UsualExtensionBytes = ExtensionReader.PaddedBytes(sizeof(uint));

    /// <summary>What goes with it; null for nothing.</summary>
    internal RequestContextValues? Context { get; set; }

    /// <summary>Takes over what came with a request. On a receive loop: what is wrong is kept and answered when the turn would start.</summary>
    private void TakeContext(in InboundRequest request)
    {
        if (request.Extensions.Length <= UsualExtensionBytes)
        {
            return;
        }

        TakeTrace(request);
        if (!ExtensionReader.TryFind(request.Extensions, ExtensionTag.RequestContext, out ReadOnlySpan<byte> value))
        {
            return;
        }

        try
        {
            Context = RequestContextValues.Decode(value);
        }
        catch (MessagePackException exception)
        {
            Add().ContextFault = exception.Message;
        }
    }
}
