using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Requests;

/// <summary>What goes with a request besides its payload.</summary>
internal readonly ref struct RequestOptions
{
    /// <summary>How often a request may be passed on by nodes that do not own its target (AGREEMENT, Slots).</summary>
    public const byte HopsDefault = 4;

    /// <summary>A request with a deadline.</summary>
    public RequestOptions(long deadlineMilliseconds) => DeadlineMilliseconds = deadlineMilliseconds;

    /// <summary>When it fails, on the node's clock (<see cref="NodeClock.NowMilliseconds"/>).</summary>
    public long DeadlineMilliseconds { get; init; }

    /// <summary>How often it may still be passed on.</summary>
    public byte HopsLeft { get; init; } = HopsDefault;

    /// <summary>Whether it is made inside a turn: it may use the kept quarter of the window.</summary>
    public bool InsideTurn { get; init; }

    /// <summary>Who makes it, for a layer above that may want to give it up while it waits here (<see cref="Connection.GiveUpTells"/>); null for nobody.</summary>
    public object? Sender { get; init; }

    /// <summary>Streams that go with it, made by the connection it is sent over; null for none.</summary>
    public OutboundStream[]? Streams { get; init; }

    /// <summary>Whether the first of them is the payload.</summary>
    public bool IsPayloadStreamed { get; init; }

    /// <summary>Parts of the payload that lie elsewhere, which make it too long for a frame; null for none.</summary>
    public AttachedBytes? Attached { get; init; }

    /// <summary>Whether nothing goes with it but its deadline.</summary>
    public bool IsUsual => Streams is null && Attached is null && Extensions.IsEmpty && !IsPayloadStreamed;

    /// <summary>Whole extensions to copy into the header behind the transport's own; at most 1,100 bytes.</summary>
    public ReadOnlySpan<byte> Extensions { get; init; }
}
