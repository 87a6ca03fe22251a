using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>Packets that the protocol wants sent, in order. Emptied by the shell after every input, which bounds it.</summary>
internal sealed class MdnsOutbox
{
    private readonly Queue<MdnsPacket> _packets = [];
    private readonly byte[] _buffer = new byte[MdnsLimits.PacketBytesMax];

    public bool TryTake([NotNullWhen(true)] out MdnsPacket? packet) => _packets.TryDequeue(out packet);

    public void Add(int linkIndex, DnsMessage message, IPEndPoint? destination = null, bool oneShot = false)
    {
        bool fits = message.TryWrite(_buffer, out int bytesWritten);
        Debug.Assert(fits, "What is put into one message is bounded so that it always fits.");
        if (fits)
            _packets.Enqueue(new MdnsPacket(linkIndex, destination, oneShot, _buffer[..bytesWritten]));
    }
}
