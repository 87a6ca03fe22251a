using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>Takes the orders of clients, <see cref="IdSpace.NameOrder"/>, and answers them on the receive loop: each is one change under the lock of the names.</summary>
/// <param name="names">The names.</param>
internal sealed class NameOrderRouter(ClusterNames names) : RequestRouter
{
    /// <inheritdoc/>
    public override object? ResolveTarget(Connection from, ReadOnlySpan<byte> id) => this;

    /// <inheritdoc/>
    public override object? ResolveMethod(Connection from, ReadOnlySpan<byte> id) => null;

    /// <inheritdoc/>
    public override void Dispatch(ref InboundRequest request)
    {
        NameOrderAnswer? answer;
        try
        {
            // One that is gathered from a stream is longer than any order: there is nothing yet to read of it.
            answer = request.Hold.Gathered is null
                ? names.Handle(request.Connection, request.Header.Correlation, NameOrder.Decode(request.Hold.Payload))
                : new NameOrderAnswer(NameOrderOutcome.Malformed);
        }
        catch (MessagePackException)
        {
            answer = new NameOrderAnswer(NameOrderOutcome.Malformed);
        }

        if (request.IsAsk && answer is { } known)
        {
            Answer(request.Connection, request.Header.Correlation, known);
        }

        foreach (Streams.InboundStream stream in request.Streams ?? [])
        {
            stream?.Dispose();
        }

        request.Hold.Release();
        request.Hold = default;
    }

    /// <inheritdoc/>
    public override void EndBatch(Connection from)
    {
    }

    /// <summary>Nothing: a wait ends by its time, which is bounded, and its answer finds nobody.</summary>
    public override void Cancel(Connection from, ulong correlation)
    {
    }

    /// <summary>Answers an order.</summary>
    public static void Answer(Connection to, ulong correlation, NameOrderAnswer answer)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            answer.Encode(ref writer);
            to.Reply(correlation, scratch.WrittenSpan);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }
}
