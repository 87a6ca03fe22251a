using System.Collections.Concurrent;
using System.Text;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport;

/// <summary>Who may connect, in either direction. Every node has one; there is no default of "anyone". Thread safe.</summary>
/// <remarks>The rule is applied inside the TLS handshake, on both sides: a peer that it refuses never sends or receives application bytes.</remarks>
public abstract class TrustPolicy
{
    /// <summary>Shortest secret of <see cref="Secret"/>: a stranger who dials can guess offline, so short ones are refused.</summary>
    public const int SecretLengthMin = 12;

    /// <summary>Most ids that can be denied.</summary>
    public const int DeniedMax = 10_000;

    private readonly ConcurrentDictionary<PeerId, byte> _denied = new();

    private protected TrustPolicy()
    {
    }

    /// <summary>Whether it admits strangers.</summary>
    public virtual bool IsOpen => false;

    /// <summary>The rule in a phrase, for logs. Never contains a secret.</summary>
    public abstract string Description { get; }

    /// <summary>Admits the peers listed and nobody else.</summary>
    public static TrustPolicy Peers(IEnumerable<PeerId> ids) => new ListedPeers([.. ids]);

    /// <summary>Admits whoever has a node certificate signed by the cluster's key.</summary>
    /// <param name="clusterId">The public key of the cluster.</param>
    /// <param name="clusterKey">The cluster's secret key, if this node may hold it: it then signs its own certificate when it starts. The policy does not dispose it.</param>
    /// <param name="nodeCertificate">This node's certificate, made offline by <see cref="NodeCertificate.Create"/>, if it may not.</param>
    /// <exception cref="ArgumentException">Neither key nor certificate is given, or the key is not the cluster's.</exception>
    public static TrustPolicy Cluster(PeerId clusterId, SecretKey? clusterKey = null, ReadOnlyMemory<byte> nodeCertificate = default)
    {
        if (clusterKey is null && nodeCertificate.IsEmpty)
        {
            throw new ArgumentException("A node needs the cluster's key or a certificate signed by it.", nameof(nodeCertificate));
        }

        if (clusterKey is not null && clusterKey.Id != clusterId)
        {
            throw new ArgumentException("The key is not the cluster's.", nameof(clusterKey));
        }

        return new ClusterMembers(clusterId, clusterKey, nodeCertificate, $"nodes certified by the cluster key {clusterId.ToShortString()}");
    }

    /// <summary>Admits everyone: whoever reaches the port may call every actor. Logged as a warning.</summary>
    public static TrustPolicy Anyone() => new Everyone();

    /// <summary>Admits whoever knows the same secret: it derives a cluster key by scrypt (N = 2^17, r = 8, p = 1; about 0.4 s and 128 MiB, once) salted with the cluster's name.</summary>
    /// <remarks>Every holder can mint identities: to exclude one, change the secret.</remarks>
    /// <exception cref="ArgumentException">The secret has fewer than <see cref="SecretLengthMin"/> characters.</exception>
    public static TrustPolicy Secret(string secret, string clusterName)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (secret.Length < SecretLengthMin)
        {
            throw new ArgumentException($"A secret has at least {SecretLengthMin} characters; a shorter one can be guessed.", nameof(secret));
        }

        SecretKey key = SecretDerivation.Derive(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("kameo-cluster:" + clusterName));
        return new ClusterMembers(key.Id, key, default, "whoever holds the cluster's secret");
    }

    /// <summary>Refuses a peer whatever the rule says. Connections that stand are not ended by it.</summary>
    /// <exception cref="InvalidOperationException">Too many are denied already.</exception>
    public void Deny(PeerId peer)
    {
        if (_denied.Count >= DeniedMax)
        {
            throw new InvalidOperationException($"{DeniedMax} peers are denied already.");
        }

        _denied.TryAdd(peer, 0);
    }

    /// <summary>Whether a peer was denied.</summary>
    public bool IsDenied(PeerId peer) => _denied.ContainsKey(peer);

    /// <summary>Whether the rule admits a peer that has proven to hold its key, certified by <see cref="Issuer"/> if there is one.</summary>
    internal abstract bool Admits(PeerId peer);

    /// <summary>Who must have signed a peer's certificate; null: the peer itself.</summary>
    internal virtual PeerId? Issuer => null;

    /// <summary>This node's own certificate, DER.</summary>
    internal virtual byte[] CertificateFor(SecretKey node, TimeProvider time) => CertificateMaker.Make(node, node.Id, time, CertificateMaker.ValidityOfOwn);

    private sealed class Everyone : TrustPolicy
    {
        public override bool IsOpen => true;

        public override string Description => "anyone";

        internal override bool Admits(PeerId peer) => true;
    }

    private sealed class ListedPeers(HashSet<PeerId> ids) : TrustPolicy
    {
        public override string Description => $"{ids.Count} listed peers";

        internal override bool Admits(PeerId peer) => ids.Contains(peer);
    }

    private sealed class ClusterMembers(PeerId clusterId, SecretKey? clusterKey, ReadOnlyMemory<byte> certificate, string description) : TrustPolicy
    {
        public override string Description => description;

        internal override PeerId? Issuer => clusterId;

        internal override bool Admits(PeerId peer) => true;

        internal override byte[] CertificateFor(SecretKey node, TimeProvider time) =>
            clusterKey is null ? certificate.ToArray() : CertificateMaker.Make(clusterKey, node.Id, time, CertificateMaker.ValidityOfOwn);
    }
}
