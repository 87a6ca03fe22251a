using System.Buffers.Binary;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Hops 4 and 9 of the usual frame: a request whose ids have numbers and which has no extension but its remaining time, or a reply that fits a frame; there is room for it, and nothing waits before it. It is written
/// into the ring in place. Whatever else there is takes the long way, which does the same in more steps.
/// </summary>
internal sealed partial class Connection
{
    private const int UsualExtensionBytes = FrameHeader.WordBytes;

    /// <summary>Sends an ask or a tell if it is a usual one and nothing is in its way.</summary>
    /// <param name="ask">The ask; null for a tell.</param>
    /// <param name="target">Who.</param>
    /// <param name="method">What; null where the target has no methods.</param>
    /// <param name="options">The rest.</param>
    /// <param name="payload">The arguments.</param>
    /// <returns>False if it was not sent; nothing has changed then. True for an ask also if its deadline, its caller or the end of the connection has completed it at this moment.</returns>
    private bool TrySendAtOnce(PendingAsk? ask, OutboundTarget target, OutboundMethod? method, in RequestOptions options, ReadOnlySpan<byte> payload)
    {
        uint targetNumber = _targets.NumberAtHand(target);
        uint methodNumber = method is null ? 0 : _methods.NumberAtHand(method);
        bool hasDeadline = options.DeadlineMilliseconds != long.MaxValue;
        int headBytes = hasDeadline ? FrameHeader.Bytes + UsualExtensionBytes : FrameHeader.Bytes;
        int frameBytes = headBytes + payload.Length; // Payloads are far below 2 GiB: what the scratch holds.
        if (!options.IsUsual || targetNumber == 0 || (methodNumber == 0 && method is not null) || frameBytes > _frameBytesMax || !MayTryAtOnce(target, options.InsideTurn))
        {
            return false;
        }

        int bytes = Padded(frameBytes);
        uint remaining = hasDeadline ? RemainingMilliseconds(options.DeadlineMilliseconds) : 0; // No clock is asked while a claim is open: it may be anybody's.
        if (!_window.TryTake(bytes, options.InsideTurn))
        {
            return false;
        }

        ulong correlation = 0;
        if (ask is not null)
        {
            ask.RingPosition = PendingAsk.NotClaimed;
            ask.SentStreams = null;
            ask.Through = this; // Before the fences below; partner: CancelAsk, which says what it wants and then looks here again.
            if (!_pending.TryAdd(ask, options.DeadlineMilliseconds, out correlation))
            {
                _window.Return(bytes);
                return false;
            }
        }

        if (_ring.TryClaim(frameBytes, out RingClaim claim) != ClaimStatus.Claimed)
        {
            // Not one of ours any more: its deadline, its caller or the end of the connection has completed it meanwhile.
            bool isCompleted = ask is not null && _pending.TryTake(correlation) is null;
            _window.Return(bytes);
            return isCompleted;
        }

        if (ask is not null)
        {
            ask.RingPosition = claim.Position; // Before publishing: whoever seals it has seen this.
        }

        Span<byte> body = claim.Body;
        WriteBody(body, ask is null ? FrameKind.Tell : FrameKind.Ask, headBytes, options.HopsLeft, correlation);
        BinaryPrimitives.WriteUInt32LittleEndian(body[12..], targetNumber);
        BinaryPrimitives.WriteUInt32LittleEndian(body[16..], methodNumber);
        if (hasDeadline)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(body[20..], ExtensionReader.RemainingTimePrefix);
            BinaryPrimitives.WriteUInt32LittleEndian(body[24..], remaining);
        }

        payload.CopyTo(body[(headBytes - RingClaim.LengthBytes)..]);
        _ring.Publish(claim);
        KickAfterSend();
        return true;
    }

    /// <summary>Sends a reply, or another answer without extensions, if nothing is in its way. It needs no window.</summary>
    private bool TryAnswerAtOnce(FrameKind kind, ulong correlation, ReadOnlySpan<byte> payload)
    {
        int frameBytes = FrameHeader.Bytes + payload.Length;
        if (_sendQueue.RepliesWait || _ring.TryClaim(frameBytes, out RingClaim claim) != ClaimStatus.Claimed)
        {
            return false;
        }

        Span<byte> body = claim.Body;
        WriteBody(body, kind, FrameHeader.Bytes, hopsLeft: 0, correlation);
        BinaryPrimitives.WriteUInt64LittleEndian(body[12..], 0); // Neither target nor method.
        payload.CopyTo(body[(FrameHeader.Bytes - RingClaim.LengthBytes)..]);
        _ring.Publish(claim);
        KickAfterSend();
        return true;
    }

    /// <summary>The header between the length, which belongs to the ring, and the target: see <see cref="FrameHeader"/>.</summary>
    private static void WriteBody(Span<byte> body, FrameKind kind, int headBytes, byte hopsLeft, ulong correlation)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(body, (uint)kind | (uint)(headBytes / FrameHeader.WordBytes) << 16 | (uint)hopsLeft << 24);
        BinaryPrimitives.WriteUInt64LittleEndian(body[4..], correlation);
    }
}
