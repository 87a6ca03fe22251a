using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>.NET's own <see cref="SslStream"/>.</summary>
internal sealed class SslStreamSecurity(PeerKey key, bool isMutual = false, bool isBlocking = false) : IStreamSecurity
{
    private readonly X509Certificate2 _certificate = PeerTls.CreateCertificate(key);

    public bool IsBlocking => isBlocking;

    public async ValueTask<Stream> AcceptAsync(Socket socket)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        SslServerAuthenticationOptions options = PeerTls.ServerOptions(_certificate, isMutual);
        if (isBlocking)
        {
            stream.AuthenticateAsServer(options);
        }
        else
        {
            await stream.AuthenticateAsServerAsync(options);
        }

        return stream;
    }

    public async ValueTask<Stream> DialAsync(Socket socket)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        SslClientAuthenticationOptions options = PeerTls.ClientOptions(isMutual ? _certificate : null);
        if (isBlocking)
        {
            stream.AuthenticateAsClient(options);
        }
        else
        {
            await stream.AuthenticateAsClientAsync(options);
        }

        return stream;
    }

    public void Dispose() => _certificate.Dispose();
}
