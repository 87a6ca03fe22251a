using System.Net;

namespace Kameo.Actors.Transport;

/// <summary>Turns the names of seeds and of dialled addresses into IP addresses. Replace it to ask a server of your own choice, or to script answers in a test.</summary>
/// <remarks>
/// Called anew before each dial that follows a failure, so an implementation should not cache longer than the records allow. May be called by several threads at a time, on
/// pool threads; one name is not asked twice at a time by one seed. An answer is a hint where to dial, never a proof: who answers there proves itself in the handshake.
/// </remarks>
public interface IDnsResolver
{
    /// <summary>Looks up the addresses of a host.</summary>
    /// <param name="host">A host name without port, as it was written.</param>
    /// <param name="cancellation">Fires when the node stops or <see cref="TransportLimits.HandshakeTimeout"/> has passed; the node does not wait for the answer any longer.</param>
    /// <returns>The addresses, best first: version 4, 6, or both; repeated ones count once. None means that the name leads nowhere now.</returns>
    /// <exception cref="Exception">Whatever is thrown counts as a failure to resolve; its message is logged, once until it changes.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation);
}
