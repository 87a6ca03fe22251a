namespace Kameo.Actors.Transport;

/// <summary>What a node does when a majority of the stewards, who agree on views, is gone for good.</summary>
public enum ReformPolicy
{
    /// <summary>It waits for an operator: <see cref="NodeMembership.ReformAsync"/> on one of the nodes that are left. The log says who is missing.</summary>
    Operator,

    /// <summary>The cluster is formed anew by itself once every node of the newest view known is present again, as its old or a later incarnation.</summary>
    WhenAllReturn,
}
