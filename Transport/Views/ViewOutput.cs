using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>What the shell is to do, taken from <see cref="ViewCore"/> in order after every call.</summary>
internal abstract record ViewOutput;

/// <summary>Send this to its receiver if there is a connection; else it is lost.</summary>
internal sealed record SendOutput(Envelope Envelope) : ViewOutput;

/// <summary>Dial an address; answer with <see cref="ViewCore.ConnectionUp"/> or <see cref="ViewCore.DialFailed"/>.</summary>
internal sealed record DialOutput(string Address) : ViewOutput;

/// <summary>End every connection to that incarnation.</summary>
internal sealed record CloseOutput(MemberId Peer) : ViewOutput;

/// <summary>
/// Sync this to disk before anything that is taken later is done. Each replaces the one before; the end of a life makes it void.
/// </summary>
internal sealed record PersistOutput(StewardState State) : ViewOutput;

/// <summary>A view is installed; views in between may have been skipped.</summary>
internal sealed record InstalledOutput(View View) : ViewOutput;

/// <summary>This life is over: end all connections, stop all actors, cancel what they wait for. If the node goes on, it is as <paramref name="Next"/>, and nothing of before is resumed.</summary>
internal sealed record LifeEndedOutput(MemberId Ended, LifeEnd Reason, MemberId Next) : ViewOutput;

/// <summary>A majority of stewards is missing, so no view changes and no lease is renewed. An operator may re-form the cluster on one of the nodes that are left.</summary>
internal sealed record HaltedOutput(View View, IReadOnlyList<MemberId> MissingStewards) : ViewOutput;

/// <summary>A member refuses this node for now, which goes on asking.</summary>
internal sealed record RefusedOutput(JoinRefusal Reason) : ViewOutput;

/// <summary>Two clusters of one name met and neither gives way, since founders are configured: a mistake to be logged.</summary>
internal sealed record ForeignClusterOutput(ClusterId Other) : ViewOutput;

/// <summary>A cluster was founded here.</summary>
internal sealed record FoundedOutput(View View, ClusterId ReformedFrom) : ViewOutput;
