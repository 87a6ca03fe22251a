using System.Net;

namespace Kameo.Actors.Transport;

/// <summary>A node that announces itself by mDNS. A hint where to dial, never a proof: who answers there proves itself in the handshake.</summary>
/// <param name="Name">The instance name as announced.</param>
/// <param name="ClusterName">The cluster it says it belongs to.</param>
/// <param name="Id">Who it says it is; null when it says nothing readable.</param>
/// <param name="Addresses">Where it can be dialled, best first.</param>
public sealed record DiscoveredNode(string Name, string ClusterName, PeerId? Id, IReadOnlyList<EndPoint> Addresses);
