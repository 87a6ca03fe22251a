using System.Buffers.Binary;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Control;

/// <summary>Reads from the first bytes of a TLS connection which lane its dialler wants: the ALPN extension of the client hello (RFC 8446, 4.1.2; RFC 7301, 3.1).</summary>
/// <remarks>A hint to sort by, before any byte is taken from the socket; the handshake decides. Whatever is no whole client hello with the control lane's name is for the data lane, whose handshake says what is wrong.</remarks>
internal static class ClientHelloAlpn
{
    private const byte HandshakeRecord = 22;
    private const byte ClientHello = 1;
    private const ushort AlpnExtension = 16;

    /// <summary>Whether the client offers the control lane.</summary>
    public static bool OffersControl(ReadOnlySpan<byte> first)
    {
        // Record: type, version (2), length (2). Handshake: type, length (3). Client hello: version (2), random (32).
        if (first.Length < 5 + 4 + 2 + 32 || first[0] != HandshakeRecord || first[5] != ClientHello)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = first[(5 + 4 + 2 + 32)..];
        if (!SkipVector(ref rest, lengthBytes: 1) || !SkipVector(ref rest, lengthBytes: 2) || !SkipVector(ref rest, lengthBytes: 1) || rest.Length < 2)
        {
            return false; // Session id, cipher suites, compression.
        }

        rest = rest[2..];
        while (rest.Length >= 4)
        {
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(rest);
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (rest.Length < 4 + length)
            {
                return false;
            }

            if (type == AlpnExtension)
            {
                return length > 2 && Names(rest.Slice(4 + 2, length - 2));
            }

            rest = rest[(4 + length)..];
        }

        return false;
    }

    private static bool Names(ReadOnlySpan<byte> names)
    {
        while (names.Length > 0 && names.Length > names[0])
        {
            if (names[..(names[0] + 1)].SequenceEqual(LaneNames.WireName(Lane.Control)))
            {
                return true;
            }

            names = names[(names[0] + 1)..];
        }

        return false;
    }

    private static bool SkipVector(ref ReadOnlySpan<byte> rest, int lengthBytes)
    {
        if (rest.Length < lengthBytes)
        {
            return false;
        }

        int length = lengthBytes == 1 ? rest[0] : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (rest.Length < lengthBytes + length)
        {
            return false;
        }

        rest = rest[(lengthBytes + length)..];
        return true;
    }
}
