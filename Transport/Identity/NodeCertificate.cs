using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport;

/// <summary>Certificates that admit a node to a cluster whose key it does not hold: made where the key is, given to the node.</summary>
public static class NodeCertificate
{
    /// <summary>Certifies a node.</summary>
    /// <param name="clusterKey">The cluster's secret key.</param>
    /// <param name="node">The node's id.</param>
    /// <param name="validity">How long from now it is valid; it begins a day ago, for clocks that disagree.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <returns>An X.509 v3 certificate, DER. It is not secret.</returns>
    public static byte[] Create(SecretKey clusterKey, PeerId node, TimeSpan validity, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(validity, TimeSpan.Zero);
        return CertificateMaker.Make(clusterKey, node, time ?? TimeProvider.System, validity);
    }
}
