using Kameo.Actors.Calls;
using Kameo.Actors.Routing;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Topics;

/// <summary>What is published: a call of a method, to be made of every subscriber. On the wire: the method's id, then its arguments.</summary>
/// <remarks>Read once on each node that has subscribers. The call is never sent itself: each subscriber gets one with the same arguments, which are copied where the subscriber is on this node.</remarks>
internal sealed class TopicMessage
{
    private readonly ActorCall _call;

    private TopicMessage(ActorCall call) => _call = call;

    /// <summary>The method.</summary>
    public ActorMethod Method => _call.Method;

    /// <summary>Writes a message.</summary>
    /// <exception cref="NotSupportedException">It has a stream: that can be read once only.</exception>
    public static byte[] Encode(ActorCall call)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            writer.WriteBinary(call.Method.Outbound.Id);
            call.EncodeArguments(ref writer);
            return scratch.Streams is null ? scratch.WrittenSpan.ToArray() : throw new NotSupportedException($"{call.Method} has a stream among its arguments: it cannot be published.");
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    /// <summary>Reads a message.</summary>
    /// <returns>Null when its method is not known here.</returns>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static TopicMessage? Decode(ActorNode node, ReadOnlySpan<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        if (MethodId.Resolve(reader.ReadBinary()) is not ActorMethod method)
        {
            return null;
        }

        ActorCall call = method.Rent();
        call.Node = node;
        call.DecodeArguments(ref reader);
        return new TopicMessage(call);
    }

    /// <summary>Calls one subscriber; completes when it has answered, or for a one-way method when the call was sent.</summary>
    public async Task DeliverAsync(ActorReference subscriber, CancellationToken cancellation)
    {
        ActorCall call = Method.Rent();
        for (int index = 0; index < _call.ArgumentCount; index++)
        {
            call.SetArgument(index, _call.GetArgument(index));
        }

        if ((Method.Options & ActorMethodOptions.OneWay) != 0)
        {
            await subscriber.SendTellNow(call, cancellation).ConfigureAwait(false);
        }
        else
        {
            await call.AskBoxed(subscriber, cancellation).ConfigureAwait(false);
        }
    }
}
