using System.Buffers.Binary;
using System.Collections.Concurrent;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Streams;

/// <summary>The streams that one connection receives, by number. A message that names a stream comes before its first chunk; chunks of an unknown number belong to one that was given up here.</summary>
/// <remarks>
/// Bounds: at most <see cref="TransportLimits.StreamsMax"/> that have not ended, each with at most <see cref="TransportLimits.StreamWindowBytes"/> unread. Ended ones with
/// unread chunks are bounded by the limit on receive memory.
/// </remarks>
/// <param name="connection">The connection.</param>
internal sealed class StreamReceiver(Connection connection)
{
    /// <summary>Most streams of one message.</summary>
    public const int PerMessageMax = 16;

    private readonly ConcurrentDictionary<ulong, IInboundSink> _sinks = new();

    /// <summary>How many have not ended.</summary>
    public int Count => _sinks.Count;

    /// <summary>The streams that a message names. The receive loop.</summary>
    /// <param name="ids">The value of its <see cref="ExtensionTag.Streams"/>.</param>
    /// <param name="isPayload">Whether the first carries the message's payload.</param>
    /// <param name="payload">The payload to come.</param>
    /// <param name="streams">The others, in order; null if there are none.</param>
    /// <returns>Whether they are open; if they are not, the connection must be closed, or the message refused.</returns>
    public StreamOpening Open(ReadOnlySpan<byte> ids, bool isPayload, out GatheredPayload? payload, out InboundStream[]? streams)
    {
        payload = null;
        streams = null;
        int count = ids.Length / sizeof(ulong);
        if (count is 0 or > PerMessageMax || ids.Length % sizeof(ulong) != 0)
        {
            return StreamOpening.Broken;
        }

        if (_sinks.Count + count > connection.Limits.StreamsMax)
        {
            return StreamOpening.TooMany;
        }

        int first = isPayload ? 1 : 0;
        if (count > first)
        {
            streams = new InboundStream[count - first];
        }

        for (int index = 0; index < count; index++)
        {
            ulong id = BinaryPrimitives.ReadUInt64LittleEndian(ids[(index * sizeof(ulong))..]);
            IInboundSink sink = index < first ? payload = new GatheredPayload(connection, id) : streams![index - first] = new InboundStream(connection, id);
            if (!_sinks.TryAdd(id, sink))
            {
                return StreamOpening.Broken; // Whoever reads the stream of that number now, and the new ones, end with the connection.
            }
        }

        return StreamOpening.Opened;
    }

    /// <summary>Tells the sender that nobody here reads the streams a refused message names.</summary>
    public void Refuse(ReadOnlySpan<byte> ids)
    {
        ids = ids[..Math.Min(ids.Length, PerMessageMax * sizeof(ulong))];
        for (; ids.Length >= sizeof(ulong); ids = ids[sizeof(ulong)..])
        {
            connection.PutStreamCancel(BinaryPrimitives.ReadUInt64LittleEndian(ids));
        }
    }

    /// <summary>A chunk.</summary>
    public CloseReason OnData(in Frame frame) => _sinks.TryGetValue(frame.Header.Correlation, out IInboundSink? sink) ? sink.Receive(frame) : CloseReason.None;

    /// <summary>The end of a stream: whole without payload, else the fault that says why not.</summary>
    public void OnEnd(in Frame frame)
    {
        if (!_sinks.TryRemove(frame.Header.Correlation, out IInboundSink? sink))
        {
            return;
        }

        if (frame.Payload.IsEmpty)
        {
            sink.End();
            return;
        }

        try
        {
            var reader = new MessagePackReader(frame.Payload);
            sink.Fail(new StreamFaultException(Fault.Decode(ref reader)));
        }
        catch (MessagePackException exception)
        {
            sink.Fail(new IOException("The sender of the stream failed, and the fault that says why is malformed.", exception));
        }
    }

    /// <summary>Its reader gives a stream up.</summary>
    public void GiveUp(ulong id)
    {
        if (_sinks.TryRemove(id, out _))
        {
            connection.PutStreamCancel(id);
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Close(IOException why)
    {
        foreach (KeyValuePair<ulong, IInboundSink> entry in _sinks)
        {
            if (_sinks.TryRemove(entry.Key, out IInboundSink? sink))
            {
                sink.Fail(why);
            }
        }
    }

    /// <summary>The node's tick: ends what waits too long for its sender.</summary>
    public void Tick(long now)
    {
        foreach (KeyValuePair<ulong, IInboundSink> entry in _sinks)
        {
            if (!entry.Value.Tick(now))
            {
                GiveUp(entry.Key);
            }
        }
    }
}
