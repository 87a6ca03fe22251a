using System.Net;

namespace Kameo.Actors.Transport.Discovery.Seeds;

/// <summary>The resolver of the operating system: its hosts file, its servers, its order of addresses (RFC 6724).</summary>
internal sealed class SystemDnsResolver : IDnsResolver
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) =>
        await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
}
