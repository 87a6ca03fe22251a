using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Streams;

/// <summary>The streams that a message names, gathered while it is encoded. Once the message was given to its connection they are sent; if it never was, their sources are disposed.</summary>
/// <param name="connection">Where the message goes.</param>
internal sealed class MessageStreams(Connection connection)
{
    private readonly List<(OutboundStream To, Stream Source)> _streams = [];
    private bool _sent;

    /// <summary>Adds a stream, which belongs to the framework from now on.</summary>
    /// <returns>Its index in the message.</returns>
    /// <exception cref="NotSupportedException">The message has as many as it may.</exception>
    public int Add(Stream source)
    {
        if (_streams.Count == StreamReceiver.PerMessageMax - 1)
        {
            throw new NotSupportedException($"A message has at most {StreamReceiver.PerMessageMax - 1} streams."); // One is kept for a payload that becomes one.
        }

        _streams.Add((connection.MakeStream(), source));
        return _streams.Count - 1;
    }

    /// <summary>What the message names, in order.</summary>
    public OutboundStream[] ToArray() => [.. _streams.Select(static stream => stream.To)];

    /// <summary>The message was given to its connection: the sources are read from now on, to their ends or until nobody wants them.</summary>
    /// <param name="then">Disposed when all have ended: what the sources may still read. Null for nothing.</param>
    public void Send(InboundStream[]? then = null)
    {
        _sent = true;
        int left = _streams.Count;
        foreach ((OutboundStream to, Stream source) in _streams)
        {
            StreamPump.Send(to, source, () =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    DisposeAll(then);
                }
            });
        }
    }

    /// <summary>The message is not sent after all.</summary>
    public void Abandon()
    {
        if (_sent)
        {
            return;
        }

        foreach ((_, Stream source) in _streams)
        {
            source.Dispose();
        }
    }

    /// <summary>Gives up what is unread.</summary>
    public static void DisposeAll(InboundStream[]? streams)
    {
        foreach (InboundStream stream in streams ?? [])
        {
            stream.Dispose();
        }
    }
}
