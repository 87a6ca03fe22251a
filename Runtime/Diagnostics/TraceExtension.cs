using System.Diagnostics;
using System.Text;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Diagnostics;

/// <summary>W3C trace context as a header extension: 16 bytes trace id, 8 bytes parent id, 1 byte flags, then <c>tracestate</c> as text, if there is one.</summary>
/// <remarks>
/// W3C Trace Context, sections 3.2 and 3.3. A <c>tracestate</c> beyond <see cref="StateCharsMax"/> characters is left out whole, which 3.3.1.5 allows. What is malformed is ignored: a trace is no reason to
/// refuse a call.
/// </remarks>
internal static class TraceExtension
{
    /// <summary>What a header certainly has room for: its 255 words less the 24 bytes of its head, the remaining time (8), the longest ids (520 and 304) and 16 streams (136).</summary>
    public const int RoomBytes = (255 * 8) - 24 - 8 - 520 - 304 - 136;

    /// <summary>Longest <c>tracestate</c> that is passed on: what W3C asks for at least.</summary>
    public const int StateCharsMax = 512;

    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;
    private const int FixedBytes = TraceIdBytes + SpanIdBytes + 1;

    /// <summary>Two extensions side by side, for one send of this thread.</summary>
    [ThreadStatic]
    private static byte[]? t_joined;

    /// <summary>Encodes the context of an activity.</summary>
    /// <returns>Null for one that has no W3C ids.</returns>
    public static byte[]? Encode(Activity activity)
    {
        if (activity.IdFormat != ActivityIdFormat.W3C)
        {
            return null;
        }

        string state = activity.TraceStateString is { Length: <= StateCharsMax } text && Ascii.IsValid(text) ? text : string.Empty;
        Span<byte> value = stackalloc byte[FixedBytes + StateCharsMax];
        activity.TraceId.CopyTo(value[..TraceIdBytes]);
        activity.SpanId.CopyTo(value.Slice(TraceIdBytes, SpanIdBytes));
        value[FixedBytes - 1] = (byte)activity.ActivityTraceFlags;
        Encoding.ASCII.GetBytes(state, value[FixedBytes..]);
        return Whole(value[..(FixedBytes + state.Length)]);
    }

    /// <summary>What came with a request, kept beyond it.</summary>
    /// <param name="extensions">All extensions of the request.</param>
    /// <returns>Null if it has none, or none that can be one.</returns>
    public static byte[]? Take(ReadOnlySpan<byte> extensions) =>
        ExtensionReader.TryFind(extensions, ExtensionTag.TraceContext, out ReadOnlySpan<byte> value)
        && value.Length is >= FixedBytes and <= FixedBytes + StateCharsMax
        && value[..TraceIdBytes].ContainsAnyExcept((byte)0)
        && value.Slice(TraceIdBytes, SpanIdBytes).ContainsAnyExcept((byte)0)
            ? Whole(value)
            : null;

    /// <summary>The context as a parent of spans.</summary>
    /// <param name="extension">What <see cref="Encode"/> or <see cref="Take"/> gave.</param>
    /// <param name="isRemote">Whether it came from another node.</param>
    public static ActivityContext Decode(byte[] extension, bool isRemote)
    {
        ExtensionReader.TryFind(extension, ExtensionTag.TraceContext, out ReadOnlySpan<byte> value);
        string? state = value.Length > FixedBytes ? Encoding.ASCII.GetString(value[FixedBytes..]) : null;
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(value[..TraceIdBytes]),
            ActivitySpanId.CreateFromBytes(value.Slice(TraceIdBytes, SpanIdBytes)),
            (ActivityTraceFlags)value[FixedBytes - 1],
            state,
            isRemote);
    }

    /// <summary>The extensions that go with a request: its context and its trace. Where a header might have no room for both, the trace is left out.</summary>
    /// <returns>Valid until this thread's next call.</returns>
    public static ReadOnlySpan<byte> Join(ReadOnlySpan<byte> context, byte[]? trace)
    {
        if (trace is null || context.Length + trace.Length > RoomBytes)
        {
            return context;
        }

        if (context.IsEmpty)
        {
            return trace;
        }

        byte[] joined = t_joined ??= new byte[RoomBytes];
        context.CopyTo(joined);
        trace.CopyTo(joined, context.Length);
        return joined.AsSpan(0, context.Length + trace.Length);
    }

    private static byte[] Whole(ReadOnlySpan<byte> value)
    {
        byte[] extension = new byte[ExtensionReader.PaddedBytes(value.Length)];
        new ExtensionWriter(extension).TryAppend(ExtensionTag.TraceContext, value);
        return extension;
    }
}
