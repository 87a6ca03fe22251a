using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Requests;

/// <summary>An ask that is passed on to the node that has its target; its answer goes back the way it came.</summary>
/// <param name="origin">Where it came from.</param>
/// <param name="correlation">What the answer must carry there.</param>
internal sealed class ForwardedAsk(Connection origin, ulong correlation) : PendingAsk
{
    /// <inheritdoc/>
    internal override void Complete()
    {
        switch (End)
        {
            case AskEnd.Replied:
                OutboundStream[]? streams = Streams?.Select(_ => origin.MakeStream()).ToArray();
                origin.ReplyRaw(FrameKind.Reply, correlation, Reply.Payload.Span, streams);
                for (int index = 0; index < (streams?.Length ?? 0); index++)
                {
                    StreamPump.Send(streams![index], Streams![index]);
                }

                break;
            case AskEnd.Faulted:
                origin.ReplyRaw(FrameKind.Fault, correlation, Reply.Payload.Span);
                break;
            case AskEnd.NotSent or AskEnd.CancelledUnsent:
                origin.ReplyFault(correlation, new Fault(FaultCode.NotServing, $"it was to be passed on: {EndDetail}"));
                break;
            case AskEnd.Overloaded or AskEnd.TooLarge:
                origin.ReplyFault(correlation, new Fault(FaultCode.Overloaded, $"it was to be passed on: {EndDetail}"));
                break;
            default:
                origin.ReplyFault(correlation, new Fault(FaultCode.Unreachable, $"it was passed on: {EndDetail}"));
                break;
        }

        Reply.Release();
        origin.Node.ForwardedAsks.End();
    }
}
