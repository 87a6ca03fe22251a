using Kameo.Actors.Errors;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Supervision;

/// <summary>Asks another node to note a link.</summary>
/// <param name="other">The actor there.</param>
/// <param name="node">The node.</param>
internal sealed class LinkAsk(ActorId other, PeerId node) : PendingAsk
{
    private readonly TaskCompletionSource _noted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the other node has noted it; fails with what a caller of the actor would get.</summary>
    public Task Noted => _noted.Task;

    /// <inheritdoc/>
    internal override void Complete()
    {
        switch (End)
        {
            case AskEnd.Replied:
                _noted.SetResult();
                break;
            case AskEnd.Faulted:
                _noted.SetException(CallFailure.Read(Reply.Payload.Span, other, node));
                break;
            default:
                _noted.SetException(CallFailure.Of(End, EndDetail ?? "no reason is known", other, node));
                break;
        }

        Reply.Release();
    }
}
