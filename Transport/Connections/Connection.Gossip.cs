using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Connections;

/// <content>Gossip that may be lost.</content>
internal sealed partial class Connection
{
    /// <summary>Sends a gossip frame if there is room for it now. Never waits and keeps nothing: a peer that does not read costs this node no memory, and the registry repairs what it missed.</summary>
    /// <returns>False when it was dropped.</returns>
    public bool TryPutGossip(ReadOnlySpan<byte> payload)
    {
        if (State != ConnectionState.Open || FrameHeader.Bytes + payload.Length > _frameBytesMax || _sendQueue.RepliesWait)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[FrameHeader.Bytes];
        var draft = new FrameDraft(head, new FrameHeader { Kind = FrameKind.Gossip }, payload.Length);
        if (TryPut(draft.Finish(), payload, null) != ClaimStatus.Claimed)
        {
            return false;
        }

        KickAfterSend();
        return true;
    }
}
