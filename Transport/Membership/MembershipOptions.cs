using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport;

/// <summary>How a node takes part in a cluster with agreed views. Read once at start.</summary>
public sealed class MembershipOptions
{
    /// <summary>Most labels of a node.</summary>
    public const int LabelsMax = 64;

    /// <summary>The longest <see cref="LeaveTimeout"/>: 24 days, as many as a timer takes.</summary>
    internal static readonly TimeSpan LeaveTimeoutMax = TimeSpan.FromDays(24);

    /// <summary>
    /// The nodes of which the lowest id founds the cluster, once all of them have met and none knows a cluster. Empty, the default: any node that finds no other within 0.5 to 0.625 s founds alone, and
    /// of two clusters that meet the smaller is dissolved into the other. That suits development and clusters whose nodes can always reach each other at their first start; production names its founders.
    /// </summary>
    public IList<PeerId> Founders { get; } = [];

    /// <summary>
    /// A directory of this node's own, where it keeps what it promised as a steward, so that it resumes after a restart as the same incarnation. Null, the default: in memory only, and losing a majority of the
    /// stewards at once halts the cluster (<see cref="Reform"/>).
    /// </summary>
    public string? StateDirectory { get; set; }

    /// <summary>What to do when a majority of the stewards is gone. Default <see cref="ReformPolicy.Operator"/>.</summary>
    public ReformPolicy Reform { get; set; }

    /// <summary>Which durations. All nodes of a cluster must have the same. Default <see cref="MembershipProfile.Lan"/>.</summary>
    public MembershipProfile Profile { get; set; }

    /// <summary>What operators say of the node, as <c>name=value</c>; others see it in the view.</summary>
    public IList<string> Labels { get; } = [];

    /// <summary>How much of the actors this node is to have, relative to others: 1 to 1,000. Default 1.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>How long a node that is disposed may take to leave in good order; then it goes as if it had crashed. At most 24 days; default 10 s.</summary>
    public TimeSpan LeaveTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Durations other than the profile's: <c>ViewTiming.Lan with { ... }</c>; null, the default, for the profile's. All nodes of a cluster must have the same: one with another lease, drift or guard is refused.
    /// Relations between them are checked at the start (<see cref="ViewTiming.Validate"/>).
    /// </summary>
    public ViewTiming? Timing { get; set; }

    /// <summary>The actor types that the layer above hosts.</summary>
    internal IReadOnlyList<string> HostedTypes { get; set; } = [];

    /// <summary>Whether the layer above owns slots and reports what it released.</summary>
    internal bool HasSlots { get; set; }

    /// <summary>What the layer above is told; null for nothing.</summary>
    internal IMembershipObserver? Observer { get; set; }

    internal ViewTiming EffectiveTiming => Timing ?? (Profile == MembershipProfile.Wan ? ViewTiming.Wan : ViewTiming.Lan);

    /// <summary>The same, for a layer above that hosts these types.</summary>
    internal MembershipOptions With(IReadOnlyList<string> hostedTypes, bool hasSlots, IMembershipObserver observer)
    {
        var copy = (MembershipOptions)MemberwiseClone();
        copy.HasSlots = hasSlots;
        copy.HostedTypes = hostedTypes;
        copy.Observer = observer;
        return copy;
    }

    internal void Validate(TransportOptions options, ICollection<string> errors)
    {
        if (!Enum.IsDefined(Profile) || !Enum.IsDefined(Reform))
        {
            errors.Add("The membership profile or re-form policy is none that exists.");
        }

        if (Weight is < 1 or > 1000)
        {
            errors.Add($"{nameof(Weight)} must be 1 to 1,000, not {Weight}.");
        }

        if (Labels.Count > LabelsMax || Labels.Any(static label => label is null or { Length: 0 or > 255 }))
        {
            errors.Add($"There may be {LabelsMax} {nameof(Labels)} of 1 to 255 characters.");
        }

        if (Founders.Distinct().Count() != Founders.Count)
        {
            errors.Add($"{nameof(Founders)} names a node twice.");
        }

        if (Founders.Count > 0 && options.Key is null && !options.IsClient)
        {
            errors.Add($"With {nameof(Founders)} a node needs a key of its own ({nameof(TransportOptions.Key)}): a fresh one at each start would never be a founder's.");
        }

        if (StateDirectory is not null && options.Key is null)
        {
            errors.Add($"With a {nameof(StateDirectory)} a node needs a key of its own ({nameof(TransportOptions.Key)}): what is kept belongs to it.");
        }

        if (LeaveTimeout < TimeSpan.Zero || LeaveTimeout > LeaveTimeoutMax)
        {
            errors.Add($"{nameof(LeaveTimeout)} must not be negative, and at most {LeaveTimeoutMax.Days} days.");
        }

        if (!options.IsClient && options.Listen is null)
        {
            errors.Add($"A member must be reachable: set {nameof(TransportOptions.Listen)}, or {nameof(TransportOptions.IsClient)}.");
        }

        try
        {
            EffectiveTiming.Validate();
        }
        catch (ArgumentException exception)
        {
            errors.Add(exception.Message);
        }
    }
}
