using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Discovery.Seeds;

/// <summary>Asks the resolver, and makes of whatever it does a list of addresses or a <see cref="TransportException"/>.</summary>
/// <param name="resolver">Who is asked.</param>
/// <param name="timeout">How long an answer may take.</param>
/// <param name="clock">The node's time.</param>
internal sealed class NameLookup(IDnsResolver resolver, TimeSpan timeout, TimeProvider clock)
{
    /// <summary>Where an address leads now: an IP address to itself, a name to at least one address, each once, in the resolver's order.</summary>
    /// <exception cref="TransportException">The name leads nowhere; the message says why.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(EndPoint address, CancellationToken cancellation)
    {
        if (address is IPEndPoint ip)
        {
            return [ip];
        }

        var name = (DnsEndPoint)address;
        IReadOnlyList<IPAddress> found = await AskAsync(name.Host, cancellation).ConfigureAwait(false);
        IPEndPoint[] distinct = [.. found.Select(host => new IPEndPoint(host.IsIPv4MappedToIPv6 ? host.MapToIPv4() : host, name.Port)).Distinct()];
        return distinct.Length != 0 ? distinct : throw Failure(name.Host, "the name has no address", null);
    }

    private static TransportException Failure(string host, string why, Exception? cause) => new(CloseReason.Unreachable, $"Cannot resolve {host}: {why}.", cause);

    private async Task<IReadOnlyList<IPAddress>> AskAsync(string host, CancellationToken cancellation)
    {
        using var expiry = new CancellationTokenSource(timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, expiry.Token);
        try
        {
            // Waited for beside the call: a resolver that does not heed its token holds up nobody.
            return await resolver.ResolveAsync(host, both.Token).WaitAsync(both.Token).ConfigureAwait(false) ?? [];
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception exception) when (expiry.IsCancellationRequested)
        {
            throw Failure(host, $"no answer within {timeout.TotalSeconds:0.#} s", exception);
        }
        catch (Exception exception)
        {
            // The resolver may be anybody's code: what it throws must not end the dialling.
            throw Failure(host, exception is SocketException { SocketErrorCode: SocketError.HostNotFound } ? "no such host" : exception.Message.TrimEnd('.'), exception);
        }
    }
}
