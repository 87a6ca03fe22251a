using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links;

/// <summary>What every TCP socket of a connection is set to. Send and receive buffers are left to the system, which fits them to the way; a size of ours would be the most there is on a long one.</summary>
internal static class TcpTuning
{
    /// <summary>
    /// Bytes that the kernel may hold unsent: what is there already goes before a ping. Two drains' worth, so that the kernel never runs dry while the next is sealed; with the system's default,
    /// megabytes of a stream would go before every small message.
    /// </summary>
    private const int NotSentBytesMax = 128 * 1024;

    private const int ProtocolTcp = 6;
    private const int LinuxNotSentLowWater = 25;
    private const int MacNotSentLowWater = 0x201;

    /// <summary>Sets it.</summary>
    public static void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true); // Pings find dead peers long before; this ends a socket that a stopped process of ours would keep for ever.
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(value, NotSentBytesMax);
            socket.SetRawSocketOption(ProtocolTcp, OperatingSystem.IsLinux() ? LinuxNotSentLowWater : MacNotSentLowWater, value);
        }
    }
}
