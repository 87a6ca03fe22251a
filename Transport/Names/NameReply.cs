using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport;

/// <summary>The answer to an ask of bytes, in the receive buffer. Dispose it once, when the bytes have been read.</summary>
public struct NameReply : IDisposable
{
    private ReplyHold _hold;

    internal NameReply(ReplyHold hold) => _hold = hold;

    /// <summary>The answer; valid until <see cref="Dispose"/>.</summary>
    public readonly ReadOnlyMemory<byte> Payload => _hold.Payload;

    /// <summary>Gives the buffer back.</summary>
    public void Dispose() => _hold.Release();
}
