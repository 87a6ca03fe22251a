using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Tests.Control;

/// <summary>Which lane a connection wants, from its first bytes.</summary>
public sealed class ClientHelloAlpnTests
{
    [Theory]
    [InlineData(nameof(Lane.Control), true)]
    [InlineData(nameof(Lane.Data), false)]
    public void The_lane_is_read_from_a_real_client_hello(string lane, bool isControl) =>
        Assert.Equal(isControl, ClientHelloAlpn.OffersControl(HelloOf(Enum.Parse<Lane>(lane))));

    [Fact]
    public void A_part_of_a_hello_is_for_the_data_lane()
    {
        byte[] hello = HelloOf(Lane.Control);
        int alpnEnds = hello.AsSpan().IndexOf("kameo-control/1"u8) + "kameo-control/1".Length;
        for (int length = 0; length < alpnEnds; length++)
        {
            Assert.False(ClientHelloAlpn.OffersControl(hello.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Whatever_else_is_sent_is_read_within_its_bounds()
    {
        byte[] hello = HelloOf(Lane.Control);
        var random = new Random(1);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] bent = [.. hello];
            for (int bytes = random.Next(1, 4); bytes > 0; bytes--)
            {
                bent[random.Next(bent.Length)] = (byte)random.Next(256);
            }

            _ = ClientHelloAlpn.OffersControl(bent.AsSpan(0, random.Next(bent.Length + 1))); // Throws if a length leads beyond the end.
        }
    }

    private static byte[] HelloOf(Lane lane)
    {
        using SecretKey key = SecretKey.Generate();
        using var endpoint = new TlsEndpoint(key, TrustPolicy.Anyone(), TimeProvider.System, null);
        using TlsSession session = endpoint.CreateClient(null, lane);
        session.Handshake();
        byte[] bytes = new byte[4096];
        return bytes[..session.Take(bytes)];
    }
}
