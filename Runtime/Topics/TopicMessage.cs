using Kameo.Actors.Calls;
using Kameo.Actors.Routing;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Topics;

/// <summary>What is published: a call of a method, to be made of every subscriber. On the wire: the method's id, then its arguments.</summary>
/// <remarks>
/// Read once on each node that has subscribers. The call is never sent itself: each subscriber gets one with the same arguments, which are copied where the subscriber is on this node. A payload has one owner, so a message
/// with any is kept as it came, and read anew for each subscriber.
/// </remarks>
internal sealed class TopicMessage
{
    private readonly ActorCall _call;
    private readonly byte[]? _bytes;

    /// <param name="call">The call.</param>
    /// <param name="bytes">What it was read from; null: it has no payloads.</param>
    private TopicMessage(ActorCall call, byte[]? bytes)
    {
        _call = call;
        _bytes = bytes;
    }

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

        ActorCall call = Read(node, method, ref reader);
        if (reader.Payloads is null)
        {
            return new TopicMessage(call, null);
        }

        End(reader.Payloads);
        return new TopicMessage(call, bytes.ToArray());
    }

    /// <summary>Calls one subscriber; completes when it has answered. A one-way method is asked, too: so one that is gone is found, and one message waits for the other.</summary>
    public async Task DeliverAsync(ActorReference subscriber, CancellationToken cancellation)
    {
        ActorCall call = Again(out IDecodedPayload? payloads);
        try
        {
            await call.AskBoxed(subscriber, cancellation).ConfigureAwait(false);
        }
        finally
        {
            End(payloads);
        }
    }

    private static ActorCall Read(ActorNode node, ActorMethod method, ref MessagePackReader reader)
    {
        ActorCall call = method.Rent();
        call.Node = node;
        call.DecodeArguments(ref reader);
        return call;
    }

    /// <summary>Gives back what no call took.</summary>
    private static void End(IDecodedPayload? payloads)
    {
        for (IDecodedPayload? next; payloads is not null; payloads = next)
        {
            next = payloads.Next;
            payloads.EndMessage();
        }
    }

    /// <summary>The same call for one subscriber.</summary>
    /// <param name="payloads">Those that were made for it.</param>
    private ActorCall Again(out IDecodedPayload? payloads)
    {
        payloads = null;
        if (_bytes is not null)
        {
            var reader = new MessagePackReader(_bytes);
            reader.ReadBinary(); // The method.
            ActorCall read = Read(_call.Node, Method, ref reader);
            payloads = reader.Payloads;
            return read;
        }

        ActorCall call = Method.Rent();
        for (int index = 0; index < _call.ArgumentCount; index++)
        {
            call.SetArgument(index, _call.GetArgument(index));
        }

        return call;
    }
}
