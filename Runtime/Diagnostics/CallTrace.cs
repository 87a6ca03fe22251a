using System.Diagnostics;

namespace Kameo.Actors.Diagnostics;

/// <summary>What one call has of a trace: made only for a call whose caller is traced, or while somebody listens. The caller's half and the turn's half are written by one of them each.</summary>
internal sealed class CallTrace
{
    /// <summary>The span of the caller; null when nobody records it.</summary>
    public Activity? Client { get; set; }

    /// <summary>The span of the turn; null when nobody records it.</summary>
    public Activity? Server { get; set; }

    /// <summary>What the turn's span and the calls made in it have as their parent: a whole header extension (<see cref="TraceExtension"/>); null for none.</summary>
    public byte[]? Parent { get; set; }
}
