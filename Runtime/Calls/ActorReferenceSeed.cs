using System.ComponentModel;

namespace Kameo.Actors.Calls;

/// <summary>What a generated reference passes to its base: the node that calls, the interface and the key. Only the runtime makes one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ActorReferenceSeed;
