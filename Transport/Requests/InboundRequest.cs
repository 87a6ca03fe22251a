using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Requests;

/// <summary>A tell or an ask as the receive loop hands it on. Valid during the call only; <see cref="Hold"/> is what may be kept.</summary>
internal ref struct InboundRequest
{
    /// <summary>Made by the receive loop, which fills in <see cref="Hold"/>.</summary>
    public InboundRequest(Connection connection, in Frame frame, object target, object? method, long deadline)
    {
        Connection = connection;
        Header = frame.Header;
        Extensions = frame.Extensions;
        Target = target;
        Method = method;
        Deadline = deadline;
    }

    /// <summary>Where it came from, and where the reply goes.</summary>
    public readonly Connection Connection;

    /// <summary>The frame's header.</summary>
    public readonly FrameHeader Header;

    /// <summary>The extensions, whole words.</summary>
    public readonly ReadOnlySpan<byte> Extensions;

    /// <summary>What <see cref="RequestRouter.ResolveTarget"/> gave for its target.</summary>
    public readonly object Target;

    /// <summary>What <see cref="RequestRouter.ResolveMethod"/> gave for its method; null when the request names none.</summary>
    public readonly object? Method;

    /// <summary>When it expires, as a <see cref="TimeProvider"/> timestamp of this node; <see cref="long.MaxValue"/> when it carries no deadline.</summary>
    public readonly long Deadline;

    /// <summary>Streams that came with it, taken over by whoever dispatches: each is disposed in the end. Null for none.</summary>
    public InboundStream[]? Streams;

    /// <summary>Slab and window, taken over by whoever dispatches.</summary>
    public RequestHold Hold;

    /// <summary>Whether a reply is expected.</summary>
    public readonly bool IsAsk => Header.Kind == FrameKind.Ask;
}
