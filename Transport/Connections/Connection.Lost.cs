using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Tells that were accepted and lost: their sender hears of them in sums, with the connection's tick. What is lost with the connection nobody reports.</summary>
internal sealed partial class Connection
{
    private LostTells? _lostTells;

    /// <summary>A tell that came over this connection was lost here. Any thread.</summary>
    public void CountLostTell(FaultCode reason)
    {
        if (_lostTells is null)
        {
            Interlocked.CompareExchange(ref _lostTells, new LostTells(), null);
        }

        _lostTells.Count(reason);
    }

    private void ReportLostTells()
    {
        if (_lostTells is not { } lost)
        {
            return;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            if (lost.TryTake(ref writer))
            {
                PutOwn(FrameKind.Lost, scratch.WrittenSpan);
            }
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private void OnLost(ReadOnlySpan<byte> payload)
    {
        try
        {
            LostTells.Read(payload, Node.Metrics.CountLostThere);
        }
        catch (MessagePackException exception)
        {
            Close(CloseReason.MalformedFrame, $"what it says of lost tells is malformed: {exception.Message}");
        }
    }
}
