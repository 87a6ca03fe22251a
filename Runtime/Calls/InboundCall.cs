using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>A usual request of a peer whose turn is about to run.</summary>
internal struct InboundCall
{
    /// <summary>Its method.</summary>
    public required ActorMethod Method { get; init; }

    /// <summary>Where it came from, and where the reply goes.</summary>
    public required Connection Origin { get; init; }

    /// <summary>Which ask of its peer it is.</summary>
    public required ulong Correlation { get; init; }

    /// <summary>When it expires, on the node's clock.</summary>
    public required long Deadline { get; init; }

    /// <summary>Whether nobody waits for it.</summary>
    public required bool IsTell { get; init; }

    /// <summary>Its payload; a field, since it is released in place.</summary>
    public RequestHold Hold;
}
