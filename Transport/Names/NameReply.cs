using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport;

/// <summary>The answer to an ask of bytes, in the receive buffer. Dispose it once, when the bytes have been read.</summary>
public struct NameReply : IDisposable
{
    private ReplyHold _hold;

    internal NameReply(ReplyHold hold, Stream? stream)
    {
        _hold = hold;
        Stream = stream;
    }

    /// <summary>The stream that came with the answer; null for none. Disposing it before its end tells the other side to stop.</summary>
    public Stream? Stream { get; private set; }

    /// <summary>The answer; valid until <see cref="Dispose"/>.</summary>
    public readonly ReadOnlyMemory<byte> Payload => _hold.Payload;

    /// <summary>Gives the buffer back, and the stream up if it was not read to its end.</summary>
    public void Dispose()
    {
        _hold.Release();
        Stream?.Dispose();
        Stream = null;
    }
}
