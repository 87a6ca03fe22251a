using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Requests;

/// <summary>An ask that is passed on to the node that has its target; its answer goes back the way it came.</summary>
/// <param name="origin">Where it came from.</param>
/// <param name="correlation">What the answer must carry there.</param>
/// <param name="answered">Is called when the answer, with all of its streams, was given to the connection.</param>
internal sealed class ForwardedAsk(Connection origin, ulong correlation, Action? answered) : PendingAsk
{
    /// <summary>Where it came from.</summary>
    internal Connection Origin => origin;

    /// <summary>Which ask of its origin it is.</summary>
    internal ulong OriginCorrelation => correlation;

    /// <summary>Whether it passes that ask on.</summary>
    internal bool Passes(Connection from, ulong ask) => ReferenceEquals(origin, from) && correlation == ask;

    /// <inheritdoc/>
    internal override void Complete()
    {
        switch (End)
        {
            case AskEnd.Replied:
                OutboundStream[]? streams = Streams?.Select(_ => origin.MakeStream()).ToArray();
                origin.ReplyRaw(FrameKind.Reply, correlation, Reply.Payload.Span, streams);
                int left = streams?.Length ?? 0;
                for (int index = 0; index < (streams?.Length ?? 0); index++)
                {
                    StreamPump.Send(streams![index], Streams![index], () =>
                    {
                        if (Interlocked.Decrement(ref left) == 0)
                        {
                            answered?.Invoke();
                        }
                    });
                }

                if (streams is { Length: > 0 })
                {
                    Reply.Release();
                    return;
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
            case AskEnd.TimedOut or AskEnd.Cancelled:
                break; // Its caller's own time is over, too, or it gave up: that is what it knows of its call.
            default:
                origin.ReplyFault(correlation, new Fault(FaultCode.Unreachable, $"it was passed on: {EndDetail}"));
                break;
        }

        Reply.Release();
        answered?.Invoke();
    }
}
